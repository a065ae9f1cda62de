using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary><c>make install</c> and <c>make uninstall</c> in an empty root.</summary>
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
    public void Uninstall_removes_everything_except_the_configuration()
    {
        Run("install", "install-xl", "install-agent");
        string[] expected =
        [
            "/opt/x/sbin/xenballoond",
            "/opt/x/bin/xenballoon",
            "/opt/x/lib/xenballoon/xl/xl",
            "/etc/libvirt/hooks/libxl.d/xenballoon",
        ];
        Assert.That(Files(), Is.SupersetOf(expected));

        Run("uninstall", "uninstall-agent");

        Assert.That(Files(), Is.EqualTo(new[] { "/etc/xenballoon/xenballoon.conf" }));
    }

    [Test]
    public void Paths_in_units_follow_the_prefix()
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
        .. root.EnumerateFiles("*", SearchOption.AllDirectories).Select(file => file.FullName[root.FullName.Length..])
            .Order(StringComparer.Ordinal),
    ];

    private void Run(params string[] targets)
    {
        string[] arguments = ["-s", "-C", Repository.Root, $"DESTDIR={root.FullName}", "PREFIX=/opt/x", .. targets];
        Command make = Command.Run("make", arguments);
        Assert.That(make.Status, Is.Zero, make.Error);
    }
}
