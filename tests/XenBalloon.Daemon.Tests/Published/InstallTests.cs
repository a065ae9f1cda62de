using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary><c>make install</c> and its opposite, into an empty root.</summary>
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
    public void What_is_installed_goes_again_but_for_the_configuration()
    {
        Run("install", "install-xl", "install-agent");
        Assert.That(Files(), Does.Contain("/opt/x/sbin/xenballoond").And.Contain("/opt/x/bin/xenballoon").And.Contain("/opt/x/lib/xenballoon/xl/xl").And.Contain("/etc/libvirt/hooks/libxl.d/xenballoon"));

        Run("uninstall", "uninstall-agent");

        Assert.That(Files(), Is.EqualTo(new[] { "/etc/xenballoon/xenballoon.conf" }));
    }

    [Test]
    public void Paths_in_what_is_installed_follow_the_prefix()
    {
        Run("install", "install-xl", "install-agent");

        string[] units = [.. Files().Where(file => file.Contains("/systemd/", StringComparison.Ordinal))];
        Assert.That(units, Has.Length.EqualTo(3));
        foreach (string unit in units)
        {
            string text = File.ReadAllText(root.FullName + unit);
            Assert.That(text, Does.Contain("/opt/x/").And.Not.Contain("/usr/sbin/xenballoon").And.Not.Contain("/usr/lib/xenballoon"), unit);
        }
    }

    [Test]
    public void A_configuration_that_is_there_stays()
    {
        Run("install");
        string configuration = Path.Combine(root.FullName, "etc/xenballoon/xenballoon.conf");
        File.WriteAllText(configuration, "[host]\nmode = active\n");

        Run("install");

        Assert.That(File.ReadAllText(configuration), Is.EqualTo("[host]\nmode = active\n"));
    }

    private string[] Files() => [.. root.EnumerateFiles("*", SearchOption.AllDirectories).Select(file => file.FullName[root.FullName.Length..]).Order(StringComparer.Ordinal)];

    private void Run(params string[] targets)
    {
        Command make = Command.Run("make", ["-s", "-C", Repository.Root, $"DESTDIR={root.FullName}", "PREFIX=/opt/x", .. targets]);
        Assert.That(make.Status, Is.Zero, make.Error);
    }
}
