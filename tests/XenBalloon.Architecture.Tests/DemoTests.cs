using XenBalloon.Testing;

namespace XenBalloon.Architecture.Tests;

/// <summary>The script behind <c>make demo</c>, with the programs of this build and without a terminal.</summary>
public sealed class DemoTests
{
    private static readonly string[] Guests = ["web1", "web2", "db", "build", "cache"];
    private static readonly string Programs = TestContext.CurrentContext.TestDirectory;
    private static readonly string Report = Path.Combine(Programs, "report.html");

    private TemporaryFolder temporary = null!;
    private Command demo = null!;

    [OneTimeSetUp]
    public void RunDemo()
    {
        File.Delete(Report);
        temporary = new TemporaryFolder();
        demo = Command.Run(
            Path.Combine(Repository.Root, "src/XenBalloon.Demo/demo"),
            [Programs, "20"],
            new Dictionary<string, string?> { ["TMPDIR"] = temporary.Path });
    }

    [OneTimeTearDown]
    public void RemoveTemporaryFiles() => temporary.Dispose();

    [Test]
    public void Demo_succeeds() => Assert.That(demo.Status, Is.Zero, demo.Error + demo.Output);

    [Test]
    public void First_screen_describes_each_guest()
    {
        string first = demo.Output[..demo.Output.IndexOf("To query the daemon", StringComparison.Ordinal)];

        foreach (string guest in Guests) Assert.That(first, Does.Match($@"\b{guest} +\d+ to +\d+ MiB, peak at \d+ s"));
    }

    [Test]
    public void Memory_moves_within_seconds() => Assert.That(demo.Output, Does.Match(@"memory moved: [1-9]\d+ MiB"));

    [Test]
    public void End_compares_the_policies_and_names_the_report()
    {
        string end = demo.Output[demo.Output.IndexOf("memory moved:", StringComparison.Ordinal)..];

        Assert.That(end, Does.Match(@"fair-share +\d+\.\d+").And.Match(@"static +\d+\.\d+").And.Contain(Report));
        Assert.That(File.ReadAllText(Report), Does.Contain("</svg>").And.Contain("web1"));
    }

    [Test]
    public void Demo_leaves_no_processes_or_files()
    {
        // dbus-daemon ends by itself after the signal, and has no parent that waits for it.
        Eventually.Holds(() => !Remaining().Any(), () => "still running: " + string.Join('\n', Remaining()));
        Assert.That(Directory.EnumerateFileSystemEntries(temporary.Path), Is.Empty);
    }

    private IEnumerable<string> Remaining() =>
        Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .Select(CommandLine)
            .Where(line => line.Contains(temporary.Path, StringComparison.Ordinal)
                || line.Contains(Path.Combine(Programs, "xenballoon-demo"), StringComparison.Ordinal));

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return ""; // It ended while it was read.
        }
    }
}
