using System.Collections.Immutable;
using System.Reflection;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Loop;

/// <summary>The one owner of the balancer's state: looks at the host, decides, and acts if the mode says so.</summary>
internal sealed class Reconciler
{
    private readonly IXenHost host;
    private readonly PlanApplier applier;
    private readonly Balancer balancer;
    private readonly TimeProvider time;
    private readonly List<Reservation> ended = [];
    private RememberedState? restoring;

    public Reconciler(IXenHost host, PlanApplier applier, DaemonConfiguration configuration, StateStore store, TimeProvider time)
    {
        this.host = host;
        this.applier = applier;
        this.time = time;
        Configuration = configuration;
        Mode = configuration.Mode;
        restoring = store.Read();
        Runtime = new RuntimeSettings { Kept = restoring.Settings };
        balancer = new Balancer { KnownOverrides = restoring.Overrides };
    }

    /// <summary>The daemon's version.</summary>
    internal static string Version { get; } =
        typeof(Reconciler).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The configuration in force.</summary>
    internal DaemonConfiguration Configuration
    {
        get;
        private set
        {
            field = value;
            Combine();
        }
    }

    /// <summary>What is done with plans.</summary>
    internal BalancerMode Mode
    {
        get;
        set
        {
            field = value;
            Combine();
        }
    }

    /// <summary>What operators said of single domains while we ran.</summary>
    internal RuntimeSettings Runtime
    {
        get;
        set
        {
            field = value;
            Combine();
        }
    }

    = RuntimeSettings.None;

    /// <summary>The policy by an operator's word; null for the configuration's.</summary>
    internal PolicyKind? Policy
    {
        get;
        set
        {
            field = value;
            Combine();
        }
    }

    /// <summary>All that bears on decisions.</summary>
    internal BalancerSettings Settings { get; private set; } = new();

    /// <summary>Memory that is promised to domains yet to come.</summary>
    internal ReservationBook Reservations
    {
        get => balancer.Reservations;
        set => balancer.Reservations = value;
    }

    /// <summary>What was decided last.</summary>
    internal Publication Newest { get; private set; } = null!;

    /// <summary>What a daemon that comes after us must know.</summary>
    internal RememberedState Remembered
    {
        get
        {
            ImmutableDictionary<DomainIdentity, KiB> overrides = RememberedState.Nothing.Overrides;
            foreach (DomainDecision one in Newest.Plan.Domains)
            {
                if (one.Override is { } target) overrides = overrides.SetItem(one.Domain.Identity, target);
            }

            return new RememberedState(Runtime.Kept, overrides, Newest.Plan.Domains, Reservations, Newest.ToWallClock(TimeSpan.Zero));
        }
    }

    /// <summary>Takes a new configuration over. What was set at run time stays, unless the file now says another mode or policy than it did.</summary>
    internal void Take(DaemonConfiguration next)
    {
        if (next.Mode != Configuration.Mode) Mode = next.Mode;
        if (next.Balancer.Policy != Configuration.Balancer.Policy) Policy = null;
        Configuration = next;
    }

    /// <summary>Forgets that somebody else wrote a domain's target.</summary>
    internal void ForgetOverride(DomainIdentity domain) => balancer.ForgetOverride(domain);

    /// <summary>A reservation ended by somebody's word, and not in a step.</summary>
    internal void NoteEnded(Reservation reservation) => ended.Add(reservation);

    /// <summary>Looks and decides, without acting.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal Publication Look()
    {
        HostSnapshot snapshot = host.Observe();
        DateTimeOffset now = time.GetUtcNow();
        if (restoring is { } before)
        {
            Reservations = before.BookOn(now - snapshot.At);
            restoring = null;
        }

        Plan plan = balancer.Step(snapshot, Settings);
        Newest = new Publication(Version, host.Description, Settings, Mode, plan, Reservations.Open, now).With([.. ended]);
        ended.Clear();
        return Newest;
    }

    /// <summary>Looks once more before the next step, for who may have come in the meantime.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal void Refresh() => ended.AddRange(Look().Plan.Ended);

    /// <summary>Looks, decides, and acts if the mode says so.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal Publication Step()
    {
        Publication publication = Look();
        if (Mode == BalancerMode.Active) applier.Apply(publication.Plan, publication.Settings);
        return publication;
    }

    private void Combine()
    {
        if (Configuration is null) return; // not before the first one is here
        Settings = Configuration.Balancer with { Runtime = Runtime, Policy = Policy ?? Configuration.Balancer.Policy, Observes = Mode == BalancerMode.Observe };
    }
}
