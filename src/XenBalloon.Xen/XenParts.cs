using XenBalloon.Xen.Native;

namespace XenBalloon.Xen;

/// <summary>
/// What <see cref="XenHost.Open"/> needs, each part opened and closed by itself, so that one that fails does not hide
/// another. Writes nothing.
/// </summary>
/// <param name="Version">The version of the running Xen; null if the machine does not run under Xen.</param>
/// <param name="Xen">Xen itself, and that this is dom0.</param>
/// <param name="Hypervisor">The shim, and its connection to the hypervisor; null without a version.</param>
/// <param name="Store">libxenstore, and its connection to xenstored.</param>
public sealed record XenParts(Version? Version, XenPart Xen, XenPart? Hypervisor, XenPart Store)
{
    /// <summary>Tries every part.</summary>
    public static XenParts Probe(XenHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        XenVersion? version = null;
        XenPart xen = XenPart.Try(() =>
        {
            version = RunningXen.Version(options.SysHypervisor);
            RunningXen.RequireDom0(options.Capabilities);
        });
        XenPart? hypervisor = version is { } running
            ? XenPart.Try(() =>
                HypervisorConnection.Open(HypervisorShim.Load(options.ShimDirectories), running).Dispose())
            : null;
        XenPart store = XenPart.Try(() =>
        {
            LibXenStore.Load(options.XenStoreLibraries);
            XenStoreConnection.Open().Dispose();
        });
        return new XenParts(
            version is { } found ? new Version((int)found.Major, (int)found.Minor) : null, xen, hypervisor, store);
    }

    /// <summary>The version of the running Xen; null if the machine does not run under Xen.</summary>
    public static Version? RunningVersion(XenHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            XenVersion version = RunningXen.Version(options.SysHypervisor);
            return new Version((int)version.Major, (int)version.Minor);
        }
        catch (XenUnavailableException)
        {
            return null;
        }
    }
}

/// <summary>Whether a part can be used.</summary>
/// <param name="Failure">Why not, and what to do; null if it can.</param>
public sealed record XenPart(XenUnavailableException? Failure)
{
    /// <summary>Tries to open it.</summary>
    internal static XenPart Try(Action open)
    {
        try
        {
            open();
            return new XenPart(Failure: null);
        }
        catch (XenUnavailableException failure)
        {
            return new XenPart(failure);
        }
    }
}
