namespace XenBalloon.Daemon.Startup;

/// <summary>
/// The right to manage this machine's Xen: an exclusive lock on a file, held while the daemon lives, so that two daemons never move the same memory even
/// where they sit on different buses. The kernel drops it with the process, however that ends.
/// </summary>
internal sealed class HostLock : IDisposable
{
    /// <summary>Where the lock is: on a file system that is empty after a boot.</summary>
    internal const string DefaultPath = "/run/xenballoond.lock";

    private readonly FileStream file;

    private HostLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StartupException">Another process holds it, or the file cannot be made.</exception>
    internal static HostLock Take(string path)
    {
        try
        {
            // FileShare.None is an exclusive flock(2) on Linux.
            return new HostLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartupException(ExitStatus.NotDom0, $"cannot write {path}: run xenballoond as root, in dom0", exception);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new StartupException(
                ExitStatus.AlreadyRunning, $"another xenballoond manages this host (it holds {path}): stop that one first", exception);
        }
        catch (IOException exception)
        {
            throw new StartupException(ExitStatus.Failed, $"cannot make {path}: {exception.Message}", exception);
        }
    }

    public void Dispose() => file.Dispose();
}
