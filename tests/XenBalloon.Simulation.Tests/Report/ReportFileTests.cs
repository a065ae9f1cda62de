using XenBalloon.Simulation.Report;
using XenBalloon.Testing;

namespace XenBalloon.Simulation.Tests.Report;

/// <summary>The file of <c>--report</c>.</summary>
internal sealed class ReportFileTests
{
    private TemporaryFolder folder = null!;

    private string Report => Path.Combine(folder.Path, "report.html");

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [Test]
    public void New_report_appears_only_when_complete()
    {
        using var file = new ReportFile(Report);
        Assert.That(Names(), Is.Empty);
        file.Write("page");
        Assert.That((File.ReadAllText(Report), Names()), Is.EqualTo(("page", "report.html")));
    }

    [Test]
    public void Old_report_stays_until_the_new_one_is_complete()
    {
        File.WriteAllText(Report, "an older, longer page");
        File.SetUnixFileMode(Report, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var file = new ReportFile(Report);
        Assert.That((File.ReadAllText(Report), Names()), Is.EqualTo(("an older, longer page", "report.html")));
        file.Write("page");
        Assert.That((File.ReadAllText(Report), Names()), Is.EqualTo(("page", "report.html")));
        Assert.That(File.GetUnixFileMode(Report), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Reader_of_the_old_report_never_sees_half_a_report()
    {
        File.WriteAllText(Report, "before");
        using StreamReader reader = File.OpenText(Report);
        using var file = new ReportFile(Report);
        file.Write("page");
        Assert.That(reader.ReadToEnd(), Is.EqualTo("before"));
    }

    [Test]
    public void Unwritable_folder_is_detected_before_the_run()
    {
        string locked = Directory.CreateDirectory(Path.Combine(folder.Path, "locked")).FullName;
        string report = Path.Combine(locked, "report.html");
        File.WriteAllText(report, "before");
        File.SetUnixFileMode(report, (UnixFileMode)0b110_110_110);
        foreach (string path in new[] { folder.Path, locked }) File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        Command refused = Command.RunUnprivileged(
            UnprivilegedProgram.In(folder.Path, "xenballoon-simulate"),
            ["office-day", "--seeds", "10000", "--report", report]);
        Assert.That((refused.Status, refused.Output), Is.EqualTo((1, "")));
        Assert.That(
            refused.Error,
            Does.Match($@"\Axenballoon-simulate: cannot write the report: Access to the path '{locked}/[^\n]+\n\z"));
    }

    [Test]
    public void Failed_report_leaves_no_file()
    {
        using var file = new ReportFile(Report);
        Directory.CreateDirectory(Report);
        Assert.That(
            () => file.Write("page"), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(Names(), Is.EqualTo("report.html"));
    }

    [Test]
    public void Link_stays_a_link()
    {
        string target = Path.Combine(folder.Path, "target.html");
        File.CreateSymbolicLink(Report, target);
        using var file = new ReportFile(Report);
        file.Write("page");
        Assert.That((File.ReadAllText(target), new FileInfo(Report).LinkTarget), Is.EqualTo(("page", target)));
    }

    [Test]
    public void Pipe_stays_a_pipe()
    {
        Assert.That(Command.Run("mkfifo", [Report]).Status, Is.Zero);
        Task<string> read = Task.Run(() => File.ReadAllText(Report));
        using (var file = new ReportFile(Report)) file.Write("page");
        Assert.That((read.Result, Command.Run("test", ["-p", Report]).Status), Is.EqualTo(("page", 0)));
    }

    private string Names() => string.Join(' ', Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
}
