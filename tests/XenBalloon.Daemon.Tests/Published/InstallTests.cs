using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary><c>make install</c> and <c>make uninstall</c>, in an empty root.</summary>
public sealed class InstallTests
{
    private DirectoryInfo root = null!;

    [SetUp]
    public void Make()
    {
        Repository.Program("xenballoond");
        root = Directory.CreateTempSubdirectory("xenballoon-install-");
    }

    [TearDown]
    public void Remove() => root.Delete(recursive: true);

    [Test]
    public void Uninstall_removes_everything_but_the_configuration()
    {
        Run("install", "install-simulator", "install-xl", "install-agent");
        Assert.That(Files(), Is.SupersetOf(new[]
        {
            "/opt/x/sbin/xenballoond",
            "/opt/x/bin/xenballoon",
            "/opt/x/bin/xenballoon-simulate",
            "/opt/x/share/man/man1/xenballoon-simulate.1",
            "/opt/x/share/man/man5/xenballoon-scenario.5",
            "/opt/x/lib/xenballoon/xl/xl",
            "/etc/libvirt/hooks/libxl.d/xenballoon",
        }));

        Run("uninstall", "uninstall-agent");

        Assert.That(Files(), Is.EqualTo(new[] { "/etc/xenballoon/xenballoon.conf" }));
    }

    [Test]
    public void Simulator_is_installed_only_on_request()
    {
        Run("install");
        Assert.That(Files(), Has.None.Contain("simulate").And.None.Contain("scenario"));

        Run("install-simulator", "uninstall-simulator");
        Assert.That(Files(), Has.None.Contain("simulate").And.None.Contain("scenario").And.Some.Contain("xenballoond"));
    }

    [Test]
    public void Installed_units_use_the_prefix()
    {
        Run("install", "install-xl", "install-agent");

        string[] units = [.. Files().Where(file => file.Contains("/systemd/", StringComparison.Ordinal))];
        Assert.That(units, Has.Length.EqualTo(3));
        foreach (string unit in units)
        {
            string text = File.ReadAllText(root.FullName + unit);
            Assert.That(text, Does.Contain("/opt/x/"), unit);
            Assert.That(text, Does.Not.Contain("/usr/sbin/xenballoon").And.Not.Contain("/usr/lib/xenballoon"), unit);
        }
    }

    [Test]
    public void Install_keeps_an_existing_configuration()
    {
        Run("install");
        string configuration = Path.Combine(root.FullName, "etc/xenballoon/xenballoon.conf");
        File.WriteAllText(configuration, "[host]\nmode = active\n");

        Run("install");

        Assert.That(File.ReadAllText(configuration), Is.EqualTo("[host]\nmode = active\n"));
    }

    private string[] Files() =>
    [
        .. root.EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => file.FullName[root.FullName.Length..])
            .Order(StringComparer.Ordinal),
    ];

    private void Run(params string[] targets)
    {
        Command make = Command.Run(
            "make", ["-s", "-C", Repository.Root, $"DESTDIR={root.FullName}", "PREFIX=/opt/x", .. targets]);
        Assert.That(make.Status, Is.Zero, make.Error);
    }
}
