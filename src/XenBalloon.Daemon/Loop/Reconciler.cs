using System.Reflection;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;

namespace XenBalloon.Daemon.Loop;

/// <summary>The one owner of the balancer's state: looks at the host, decides, and acts if the mode says so.</summary>
internal sealed class Reconciler(IXenHost host, PlanApplier applier, DaemonConfiguration configuration)
{
    private readonly Balancer balancer = new();

    /// <summary>The daemon's version.</summary>
    internal static string Version { get; } =
        typeof(Reconciler).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The settings in force.</summary>
    internal DaemonConfiguration Configuration { get; private set; } = configuration;

    /// <summary>What is done with plans.</summary>
    internal BalancerMode Mode { get; set; } = configuration.Mode;

    /// <summary>Takes new settings over. A mode that was set at run time stays, unless the file now says another than it did.</summary>
    internal void Take(DaemonConfiguration next)
    {
        if (next.Mode != Configuration.Mode) Mode = next.Mode;
        Configuration = next;
    }

    /// <summary>Looks and decides, without acting.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal Publication Decide()
    {
        Plan plan = balancer.Step(host.Observe(), Configuration.Balancer);
        return new Publication(Version, host.Description, PolicyNames.Of(Configuration.Balancer.Policy), Mode, plan);
    }

    /// <summary>Looks, decides, and acts if the mode says so.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal Publication Step()
    {
        Publication publication = Decide();
        if (Mode == BalancerMode.Active) applier.Apply(publication.Plan);
        return publication;
    }
}
