using XenBalloon.Core.Hosts;
using XenBalloon.Xen;
using XenBalloon.Xen.Native;

namespace XenBalloon.Daemon.Startup;

/// <summary>Opens the host whose memory a daemon balances.</summary>
internal abstract class DaemonHost
{
    /// <summary>Takes the right to manage the host; null where no other daemon can be at it.</summary>
    /// <exception cref="StartupException">Another daemon manages it.</exception>
    internal abstract IDisposable? Lock();

    /// <summary>Opens it.</summary>
    /// <exception cref="StartupException">It cannot be opened.</exception>
    internal abstract IXenHost Open(TimeProvider time);
}

/// <summary>The Xen of this machine.</summary>
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
            throw new StartupException(Status(exception.Cause), exception.Message, exception);
        }
    }

    private static ExitStatus Status(XenUnavailableCause cause) => cause switch
    {
        XenUnavailableCause.NoShim or XenUnavailableCause.ShimMismatch => ExitStatus.NoShim,
        XenUnavailableCause.NoXenStoreLibrary or XenUnavailableCause.NoXenStore => ExitStatus.NoXenStore,
        _ => ExitStatus.NotDom0,
    };
}
