using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.Startup;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests;

public sealed class HostLockTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private TemporaryFolder folder;
    private string path;

    [SetUp]
    public void SetUp()
    {
        folder = new TemporaryFolder();
        path = Path.Combine(folder.Path, "lock");
    }

    [TearDown]
    public void TearDown() => folder.Dispose();

    /// <summary>A process that can open the file can lock it, and then the daemon cannot start again.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public void Only_root_can_open_the_lock(bool existed)
    {
        if (existed)
        {
            File.WriteAllText(path, "");
            File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        using HostLock held = HostLock.Take(path);
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(OwnerOnly));
    }

    /// <summary>systemd creates the default directory; without systemd, nothing else does.</summary>
    [Test]
    public void Missing_directory_is_created_for_root_alone()
    {
        string directory = Path.Combine(folder.Path, "run");

        using HostLock held = HostLock.Take(Path.Combine(directory, "lock"));
        Assert.That(File.GetUnixFileMode(directory), Is.EqualTo(OwnerOnly | UnixFileMode.UserExecute));
    }

    [Test]
    public void Second_daemon_is_refused_until_the_first_has_ended()
    {
        using (HostLock.Take(path))
        {
            StartupException refused = Assert.Throws<StartupException>(() => HostLock.Take(path))!;
            Assert.That(refused.Status, Is.EqualTo(ExitStatus.AlreadyRunning));
            Assert.That(refused.Message, Does.Contain(path).And.Contain("stop it first"));
        }

        Assert.That(() => HostLock.Take(path).Dispose(), Throws.Nothing);
    }
}
