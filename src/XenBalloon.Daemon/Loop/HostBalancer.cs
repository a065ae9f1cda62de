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

/// <summary>
/// Owns the balancer, its settings and the reservations. A balancing pass observes the host, makes a plan and, in mode
/// active, carries it out. Used on the loop's thread only.
/// </summary>
internal sealed class HostBalancer
{
    private readonly IXenHost host;
    private readonly PlanApplier applier;
    private readonly Balancer balancer;
    private readonly TimeProvider time;
    private readonly List<Reservation> ended = [];
    private readonly OrdersOfOtherTools orders = new();
    private readonly DomainAlarmMonitor alarms = new();
    private BalancerSettings balancerSettings = new();
    private SavedState? toRestore;

    public HostBalancer(
        IXenHost host, PlanApplier applier, DaemonConfiguration configuration, StateStore store, TimeProvider time)
    {
        this.host = host;
        this.applier = applier;
        this.time = time;
        SavedState saved = store.Read();
        toRestore = saved;
        Settings = new Settings(configuration, saved.Settings, RuntimeChanges.None);
        balancer = new Balancer { KnownOverrides = saved.Overrides, KnownCapBounds = saved.CapBounds };
    }

    /// <summary>The daemon's version.</summary>
    internal static string Version { get; } =
        typeof(HostBalancer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";

    /// <summary>The settings in force, from the next pass on.</summary>
    internal Settings Settings
    {
        get;
        set
        {
            field = value;

            // Converted once: the balancer and the bus take the same object for unchanged settings.
            balancerSettings = value.ToBalancerSettings();
        }
    }

    /// <summary>The open reservations.</summary>
    internal ReservationBook Reservations
    {
        get => balancer.Reservations;
        set => balancer.Reservations = value;
    }

    /// <summary>The domains that clients hold.</summary>
    internal DomainHolds Holds { get; set; } = DomainHolds.None;

    /// <summary>The newest plan, with what it was made from.</summary>
    internal Publication Latest { get; private set; } = null!;

    /// <summary>The state to save after the newest plan.</summary>
    internal SavedState State
    {
        get
        {
            orders.Read(Latest.Plan.Domains);
            return new SavedState(
                Settings.Kept,
                orders.Targets,
                balancer.RememberedGuests,
                Reservations,
                Latest.ToWallClock(TimeSpan.Zero))
            {
                CapBounds = orders.Caps,
            };
        }
    }

    /// <summary>What gives domains back what they booted with; null while the host is balanced.</summary>
    internal Restoration? Restoration { get; private set; }

    /// <summary>Begins to give every managed domain back what it booted with, or continues.</summary>
    internal Restoration Restore(TimeSpan limit)
    {
        Settings = Settings with { Runtime = Settings.Runtime with { Restores = true } };
        return Restoration ??= new Restoration(limit);
    }

    /// <summary>Ends a restoration early, so that the host is balanced again.</summary>
    internal void AbandonRestoration(Exception reason)
    {
        Restoration?.Fail(reason);
        Restoration = null;
        RuntimeChanges runtime = Settings.Runtime;
        if (runtime.Restores) Settings = Settings with { Runtime = runtime with { Restores = false } };
    }

    /// <summary>Forgets the target that another tool set for a domain.</summary>
    internal void ForgetOverride(DomainIdentity domain) => balancer.ForgetOverride(domain);

    /// <summary>Has the next publication report reservations that ended between two passes.</summary>
    internal void ReportEnded(IEnumerable<Reservation> reservations) => ended.AddRange(reservations);

    /// <summary>Observes the host and makes a plan, without carrying it out.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal Publication MakePlan()
    {
        HostSnapshot snapshot = host.Observe();
        DateTimeOffset now = time.GetUtcNow();
        if (toRestore is { } saved)
        {
            Reservations = saved.BookOn(now - snapshot.At);
            balancer.RememberedGuests = saved.GuestsOn(now - snapshot.At);
            toRestore = null;
        }

        Holds = Holds.Update(snapshot);
        Plan plan = balancer.Step(Holds.Apply(snapshot), balancerSettings);
        alarms.Read(plan, Settings.Mode == BalancerMode.Active && !Settings.Runtime.Restores);
        Latest = new Publication(
            Version, host.Description, balancerSettings, Settings.Mode, plan, Reservations.Open, now)
        {
            Holds = Holds.Open,
            Alarms = alarms.Raised,
            ModeReason = Settings.ModeReason ?? "",
        }.With([.. ended]);
        ended.Clear();
        return Latest;
    }

    /// <summary>Observes the host between two passes, to find domains that started since the last one.</summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal void Refresh() => ReportEnded(MakePlan().Plan.Ended);

    /// <summary>
    /// Makes a balancing pass. One that ends a restoration pauses the balancing, which would undo it.
    /// </summary>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal Publication RunPass()
    {
        Publication publication = MakePlan();
        bool carriesOut = Settings.Mode == BalancerMode.Active || Settings.Runtime.Restores;
        if (carriesOut) applier.Apply(publication.Plan, publication.Settings);
        if (Restoration?.Observe(publication) is not { } missing) return publication;
        RuntimeChanges paused = Settings.Runtime with { Mode = BalancerMode.Paused, Restores = false };
        Settings = Settings with { Runtime = paused };
        applier.LogRestored(missing);
        Restoration.Complete(missing);
        Restoration = null;
        return publication;
    }
}

/// <summary>The targets and caps that other tools set, which a restart of the daemon must not forget.</summary>
internal sealed class OrdersOfOtherTools
{
    private ImmutableArray<DomainDecision> decisions = [];

    /// <summary>The targets.</summary>
    internal ImmutableDictionary<DomainIdentity, KiB> Targets { get; private set; } = SavedState.Empty.Overrides;

    /// <summary>The caps.</summary>
    internal ImmutableDictionary<DomainIdentity, KiB> Caps { get; private set; } = SavedState.Empty.CapBounds;

    /// <summary>Reads the decisions of a pass, which keep their objects where nothing has changed.</summary>
    internal void Read(ImmutableArray<DomainDecision> now)
    {
        bool isSame = HaveSameOrders(decisions, now);
        decisions = now;
        if (isSame) return;
        (Targets, Caps) = (SavedState.Empty.Overrides, SavedState.Empty.CapBounds);
        foreach (DomainDecision decision in now)
        {
            DomainIdentity domain = decision.Domain.Identity;
            if (decision.Override is { } target) Targets = Targets.SetItem(domain, target);
            if (decision.CapBound is { } cap) Caps = Caps.SetItem(domain, cap);
        }
    }

    private static bool HaveSameOrders(ImmutableArray<DomainDecision> before, ImmutableArray<DomainDecision> now)
    {
        if (before == now) return true;
        if (before.Length != now.Length) return false;
        for (int i = 0; i < now.Length; i++)
        {
            (DomainDecision old, DomainDecision next) = (before[i], now[i]);
            bool isSame = ReferenceEquals(old, next)
                || (old.Domain.Identity == next.Domain.Identity
                    && (old.Override, old.CapBound) == (next.Override, next.CapBound));
            if (!isSame) return false;
        }

        return true;
    }
}
