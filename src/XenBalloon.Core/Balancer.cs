using System.Collections.Immutable;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>
/// The balancing policy: how much memory each domain needs, how much it gets, and how fast it moves.
/// <see cref="Step"/> lists the phases. No I/O, no clock, no threads: the same sequence of snapshots and settings gives
/// the same plans, whatever the order of the domains. A domain that has not changed should keep its snapshot object:
/// then it is read no more often than once a second. The balancer remembers what it saw and reuses its buffers, so a
/// pass on a quiet host allocates nothing. Not thread-safe.
/// </summary>
public sealed class Balancer
{
    private readonly KnownDomains known = new();
    private readonly ReservationScheduler reservations = new();
    private readonly Entitlements entitlements = new();
    private readonly PressureGauge gauge = new();
    private readonly SmallSurpluses smallSurpluses = new();
    private readonly Pacer pacer = new();
    private readonly AlarmMonitor alarms = new();
    private readonly CommandWriter writer = new();
    private readonly DecisionCache decisions = new();
    private readonly QuietPass quiet = new();
    private Plan last;

    /// <summary>
    /// Memory promised to domains that will start. The owner of the balancer sets the book after a request, a claim or
    /// a cancellation; each pass brings it up to date.
    /// </summary>
    public ReservationBook Reservations
    {
        get => reservations.Book;
        set => reservations.Book = value;
    }

    /// <summary>
    /// Targets that other tools had set before the balancer started: <see cref="DomainDecision.Override"/> of then.
    /// </summary>
    public IReadOnlyDictionary<DomainIdentity, KiB> KnownOverrides { get; init; } =
        ImmutableDictionary<DomainIdentity, KiB>.Empty;

    /// <summary>
    /// Guests whose target differs from their boot memory. The owner sets those that it saved before the first pass;
    /// the object changes only when its content does.
    /// </summary>
    public ImmutableDictionary<Guid, RememberedGuest> RememberedGuests
    {
        get => known.Remembered.All;
        set => known.Remembered.All = value;
    }

    /// <summary>
    /// Caps that other tools had set before the balancer started: <see cref="DomainDecision.CapBound"/> of then.
    /// </summary>
    public IReadOnlyDictionary<DomainIdentity, KiB> KnownCapBounds { get; init; } =
        ImmutableDictionary<DomainIdentity, KiB>.Empty;

    /// <summary>The safety rules in force.</summary>
    internal SafetyRules Rules { get; init; }

    /// <summary>Forgets the target that another tool set, so that the domain is balanced again.</summary>
    public void ForgetOverride(DomainIdentity domain)
    {
        if (known.Find(domain) is { } found)
        {
            found.History.Override.Forget();
            found.ReadAgain();
        }

        quiet.End();
    }

    /// <summary>Makes one balancing pass.</summary>
    /// <param name="snapshot">The host now; not older than the previous snapshot.</param>
    /// <param name="settings">The operator's settings.</param>
    public Plan Step(HostSnapshot snapshot, BalancerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(settings);
        var host = new HostPass(snapshot, settings, Rules);
        if (Reservations.Open.IsEmpty && quiet.TryRead(host, known.All, known.Remembered, gauge))
        {
            return last = last with
            {
                At = host.Now,
                Host = last.Host with { Free = snapshot.Free },
                Domains = decisions.Update(quiet.Changed),
                Ended = [],
            };
        }

        // Observe: what does each domain have and need, and within which bounds may it move?
        List<DomainPass> domains = known.Observe(host, KnownOverrides, KnownCapBounds);

        // Hold: which domains have left, and may come back for their memory?
        reservations.HoldForReturn(host, known.Departed, domains);

        // Budget: how much free memory may be granted in this pass?
        KiB budget = GrowthBudget.Compute(host, domains);
        List<DomainPass> participants = known.Participants();

        // Reserve: set memory aside for domains that will start.
        BookUpdate reserved = reservations.SetAside(host, domains, budget);
        if (Rules.Hold(SafetyRule.ReservedIsHeld)) budget -= reserved.Held;

        // Share: how much is each domain entitled to?
        bool minimumsExceedHost = entitlements.Share(host, participants, budget, reserved.Wanted);

        // Pressure: how urgent is it, and does it concern domains or only reservations?
        bool domainsWant = participants.Exists(static domain => domain.WantsGrowth);
        bool isWanted = domainsWant || reserved.Wanted > KiB.Zero || settings.Restores;
        HostPressure pressure = gauge.Read(host, isWanted);
        bool onlyReservationsWant = !domainsWant && pressure == HostPressure.Demand && !settings.Restores;
        if (onlyReservationsWant) reservations.ChooseDonors(reserved.Wanted, participants);
        KiB pool = pressure == HostPressure.Tight ? host.KeepFree : KiB.Zero;
        if (pressure != HostPressure.None) smallSurpluses.Gather(participants, budget, reserved.Wanted + pool);

        // Pace: how far does each domain move towards its entitlement now?
        pacer.Pace(host, domains, participants, budget, pressure, minimumsExceedHost);
        reservations.NoteProgress(domains, host.Now);
        HostAlarm alarm = alarms.Read(host, domains, budget, minimumsExceedHost);

        // Plan: the commands, and the decisions with their reasons.
        ImmutableArray<HostCommand> commands = writer.Write(domains, host.Now);
        last = new Plan
        {
            At = host.Now,
            Host = HostDecision.Of(host, pressure, alarm, reserved),
            Domains = decisions.Update(domains),
            Ended = reservations.Explain(reserved.Ended, domains),
            IsMoving = !commands.IsEmpty || IsAnyMoving(domains, host.Now) || Reservations.IsAnyPending,
            Commands = commands,
        };
        bool hasReservations = !Reservations.Open.IsEmpty || !last.Ended.IsEmpty;
        quiet.OnShared(host, domains, hasReservations, last);
        return last;
    }

    private static bool IsAnyMoving(List<DomainPass> domains, TimeSpan now)
    {
        foreach (DomainPass domain in domains)
        {
            if (domain.IsMoving(now)) return true;
        }

        return false;
    }
}
