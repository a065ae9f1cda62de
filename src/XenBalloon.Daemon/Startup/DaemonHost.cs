using XenBalloon.Core.Hosts;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Loop;
using XenBalloon.Xen;
using XenBalloon.Xen.Native;

namespace XenBalloon.Daemon.Startup;

/// <summary>The daemon cannot start.</summary>
/// <param name="status">The exit status.</param>
/// <param name="message">The cause and the remedy, in one or more lines.</param>
/// <param name="innerException">The cause.</param>
internal sealed class StartupException(ExitStatus status, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The exit status.</summary>
    internal ExitStatus Status => status;
}

/// <summary>Opens the host whose memory the daemon balances.</summary>
internal abstract class DaemonHost
{
    /// <summary>Locks the host against other daemons; null if no other daemon can manage it.</summary>
    /// <exception cref="StartupException">Another daemon manages it.</exception>
    internal abstract IDisposable? Lock();

    /// <summary>Opens the host.</summary>
    /// <exception cref="StartupException">It cannot be opened.</exception>
    internal abstract IXenHost Open(TimeProvider time);

    /// <summary>Reads what decides whether xl shrinks dom0.</summary>
    internal virtual Dom0Facts ReadDom0(IXenHost host) => Dom0Facts.Unknown;
}

/// <summary>The Xen host that the daemon runs on.</summary>
internal sealed class LocalXen : DaemonHost
{
    /// <inheritdoc/>
    internal override IDisposable Lock() => HostLock.Take(HostLock.DefaultPath);

    /// <inheritdoc/>
    internal override IXenHost Open(TimeProvider time)
    {
        try
        {
            return XenHost.Open(new XenHostOptions(), time);
        }
        catch (XenUnavailableException exception)
        {
            throw new StartupException(exception.Cause.ToExitStatus(), exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    internal override Dom0Facts ReadDom0(IXenHost host) => Dom0Facts.Read((XenHost)host);
}

/// <summary>
/// An exclusive lock on a file, so that two daemons never move the same memory, even on different buses. The kernel
/// releases it when the process ends, however that happens.
/// </summary>
internal sealed class HostLock : IDisposable
{
    /// <summary>
    /// The lock file; /run is empty after a boot. It has a directory of its own, because the unit makes the rest of
    /// /run read-only.
    /// </summary>
    internal const string DefaultPath = "/run/xenballoon/lock";

    private const UnixFileMode
        OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        OwnersDirectory = OwnerOnly | UnixFileMode.UserExecute;

    private readonly FileStream file;

    private HostLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StartupException">Another process holds it, or the file cannot be created.</exception>
    internal static HostLock Take(string path)
    {
        FileStream file = Open(path);
        try
        {
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
            return new HostLock(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            string message = $"cannot set the permissions of {path} ({exception.Message}): delete it";
            throw new StartupException(ExitStatus.Failed, message, exception);
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { } directory) Directory.CreateDirectory(directory, OwnersDirectory);

            // FileShare.None is an exclusive flock(2) on Linux. A process that can open it can hold it.
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            };
            return new FileStream(path, options);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartupException(
                ExitStatus.NotDom0, $"cannot write {path}: run xenballoond as root, in dom0", exception);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            string message = $"another xenballoond manages this host (it holds {path}): stop it first";
            throw new StartupException(ExitStatus.AlreadyRunning, message, exception);
        }
        catch (IOException exception)
        {
            throw new StartupException(ExitStatus.Failed, $"cannot create {path}: {exception.Message}", exception);
        }
    }

    public void Dispose() => file.Dispose();
}
