using XenBalloon.Core.Hosts;
using XenBalloon.Simulation;
using XenBalloon.Xen;

namespace XenBalloon.Daemon.Startup;

/// <summary>Opens the host that the command line names.</summary>
internal static class HostFactory
{
    /// <summary>Opens it.</summary>
    /// <exception cref="StartupException">It is not to be had.</exception>
    internal static IXenHost Open(DaemonOptions options, TimeProvider time) =>
        options.Scenario is { } name ? OpenSimulated(name, time) : OpenReal(time);

    private static SimulatedHost OpenSimulated(string name, TimeProvider time) =>
        Scenarios.TryGet(name, out Scenario? scenario, out string? error)
            ? new SimulatedHost(scenario, time)
            : throw new StartupException(ExitStatus.Usage, error);

    private static XenHost OpenReal(TimeProvider time)
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
