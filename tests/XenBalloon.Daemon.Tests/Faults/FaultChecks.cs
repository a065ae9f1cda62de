using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Loop;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>
/// What must be true of each command and of each pass, by what the machine knows and the daemon does not.
/// </summary>
internal sealed class FaultChecks(FaultRun run, Machine machine)
{
    /// <summary>How long programs take to allocate what they use, if they wait for swap.</summary>
    private static readonly TimeSpan AllocatedIn = TimeSpan.FromSeconds(15);

    /// <summary>How long a guest takes to restart programs that were killed.</summary>
    private static readonly TimeSpan RestartedIn = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, GuestOutcome> outcomes = [];
    private readonly Dictionary<string, TimeSpan> useChangedAt = [];

    /// <summary>What was known of a guest's use when memory was last taken from it: when it was measured.</summary>
    private readonly Dictionary<DomainIdentity, TimeSpan> takenBy = [];

    /// <summary>How often programs were killed because their use jumped after memory was taken.</summary>
    internal int Jumped { get; private set; }

    /// <summary>
    /// The last change of memory; null if there was none. Those on a host with a bad balloon do not count: a slow one
    /// moves for an hour, and memory is freed for one that does not follow each time that it is told again.
    /// </summary>
    internal string? Unsettled { get; set; }

    private bool WaitsForBalloon => machine.Guests.Any(guest =>
        guest.State != GuestState.Absent && guest.Description.Balloon != BalloonDescription.Normal);

    /// <summary>When programs were last killed: a guest with too little memory restarts them for ever.</summary>
    internal TimeSpan KilledAt { get; private set; }

    /// <summary>Checks a command before it is carried out.</summary>
    internal void CheckCommand(HostCommand command, SimulatedGuest guest)
    {
        HostBalancer balancer = run.Balancer;
        if (balancer.Settings.Mode != BalancerMode.Active && !balancer.Settings.Runtime.Restores)
        {
            throw Found("the daemon writes in mode", $"{balancer.Settings.Mode}");
        }

        string name = guest.Description.Name;
        DomainSettings settings = balancer.Settings.ToBalancerSettings().For(guest.Identity, name);
        if (settings.Managed == false) throw Found("the daemon writes to an unmanaged domain", name);
        if (run.Promises.IsHeld(guest.Identity)) throw Found("the daemon writes to a domain that a client holds", name);
        if (guest.State == GuestState.Migrating) throw Found("the daemon writes to a domain that is sent", name);
        bool movesMemory = command.Kind
            is HostCommandKind.SetTarget or HostCommandKind.SetMaxMem or HostCommandKind.SetPodTarget;
        if (!movesMemory) return;
        bool runs = guest.State is GuestState.Booting or GuestState.Running && !guest.IsPaused;
        bool clips = command.Kind == HostCommandKind.SetMaxMem
            && command.Value < guest.MaxMem
            && command.Value >= guest.Actual
            && (guest.IsPaused || guest.State == GuestState.Suspended);
        if (clips) return;
        if (!runs) throw Found("the daemon moves a domain that does not run", $"{name} ({guest.State})");
        bool hasDevice = name.StartsWith(FaultyHost.DevicePrefix, StringComparison.Ordinal);
        if (hasDevice) throw Found("the daemon moves a domain with a passed-through device", name);

        FaultFoundException Found(string what, string detail) => new($"{what}: {detail}: {command}");
    }

    /// <summary>Checks a pass whose commands were carried out.</summary>
    internal void CheckPass(Publication publication, FaultyHost host)
    {
        CheckGrants(publication, host);
        foreach (ExecutedCommand executed in host.Executed)
        {
            if (executed.Command.Kind == HostCommandKind.SetTarget)
            {
                CheckTarget(publication, executed);
                NoteTaken(publication, executed);
                if (!WaitsForBalloon) Unsettled = $"{executed.Command}";
            }

            if (executed.Command.Kind == HostCommandKind.SetMaxMem && executed.Command.Value < executed.Guest.Actual)
            {
                throw new FaultFoundException($"a cap is below {executed.Guest.Actual}: {executed.Command}");
            }
        }
    }

    /// <summary>The programs of a guest use more or less from now on.</summary>
    internal void OnUseChanged(string guest) => OnUseChanged(guest, machine.Now);

    /// <summary>
    /// Checks that no guest's programs were killed because the daemon took memory that they used. A guest without
    /// enough swap whose use jumps after that dies too: the documentation says how far that is prevented.
    /// </summary>
    internal void CheckGuests()
    {
        foreach (SimulatedGuest guest in machine.Guests)
        {
            if (guest.State == GuestState.Absent) continue;
            CheckKills(guest);
            bool isBusy = guest is { State: GuestState.Running, IsPaused: false };
            if (!isBusy) OnUseChanged(guest.Description.Name, machine.Now);
        }
    }

    private void CheckKills(SimulatedGuest guest)
    {
        GuestOutcome outcome = guest.Outcome();
        string name = outcome.Name;
        GuestOutcome? before = outcomes.GetValueOrDefault(name);
        outcomes[name] = outcome;
        if (outcome.OomKillsByBalancer > (before?.OomKillsByBalancer ?? 0) && !IsExcused(guest))
        {
            TimeSpan since = useChangedAt.GetValueOrDefault(name);
            if (takenBy.TryGetValue(guest.Identity, out TimeSpan known) && since + AllocatedIn < known)
            {
                throw new FaultFoundException(
                    $"{name} was killed: it has {guest.Actual}, the target {guest.Target} and "
                    + $"{guest.Description.Swap.Size} swap, and needs {guest.NeedWithoutKills}; it has needed that "
                    + $"since {since}, and when memory was last taken, its report of {known} was known");
            }

            Jumped++;
        }

        if (outcome.OomKills == (before?.OomKills ?? 0)) return;
        KilledAt = machine.Now;
        OnUseChanged(name, machine.Now + RestartedIn);
    }

    private void OnUseChanged(string guest, TimeSpan at)
    {
        if (useChangedAt.GetValueOrDefault(guest) < at) useChangedAt[guest] = at;
    }

    /// <summary>Checks a host that has come to rest.</summary>
    internal void CheckRest(Publication publication)
    {
        HostDecision host = publication.Plan.Host;
        bool isPressed = host.Pressure == HostPressure.Demand || host.Free < host.Slack;
        if (isPressed && !WaitsForBalloon && host is { Alarm: HostAlarm.None, Awaited.Value: 0 })
        {
            throw new FaultFoundException(
                $"at rest, the pressure is {host.Pressure} without an alarm: "
                + string.Join("; ", publication.Plan.Domains.Select(each => $"{each.Domain.Name} {each.Reason}")));
        }

        foreach (Reservation reservation in publication.Reservations)
        {
            bool isExplained = reservation.State != ReservationState.Gathering
                || reservation.IsOutOfReach
                || reservation.BlockedBy.Any();
            if (!isExplained) throw new FaultFoundException($"at rest, a reservation waits: {reservation}");
        }
    }

    /// <summary>
    /// What a guest uses above its boot memory is pressed into swap that it may not have, unless it reports its swap.
    /// </summary>
    private void NoteTaken(Publication publication, ExecutedCommand executed)
    {
        DomainIdentity domain = executed.Command.Domain;
        if (executed.Command.Value >= executed.Before) return;
        bool reportsSwap = executed.Report?.Vitals?.SwapTotal is not null;
        bool isPressed = publication.Find(domain)!.Reason.Kind == ReasonKind.Pressed;
        if (isPressed && !reportsSwap) takenBy.Remove(domain);
        else takenBy[domain] = executed.ReportedAt ?? machine.Now;
    }

    /// <summary>A guest that says what is not true may die of it.</summary>
    private bool IsExcused(SimulatedGuest guest)
    {
        string name = guest.Description.Name;
        DomainSettings settings = run.Balancer.Settings.ToBalancerSettings().For(guest.Identity, name);
        bool hasSwap = guest.Description.Swap.Size > KiB.Zero;
        return guest.Description.Reporting.Habit.Lies()
            || run.Faults.Liars.Contains(name)
            || (settings.Swap == true && !hasSwap);
    }

    /// <summary>What was granted must be free, beside what is reserved and what was granted before.</summary>
    private static void CheckGrants(Publication publication, FaultyHost host)
    {
        HostDecision decision = publication.Plan.Host;
        if (decision.Reserved > KiB.Max(KiB.Zero, host.Free - decision.Slack))
        {
            throw new FaultFoundException($"{decision.Reserved} are reserved, and {host.Free} free");
        }

        if (host.Executed.Count == 0) return;
        KiB promised = host.Promised, unmeasured = new(publication.Plan.Domains.Length * 1024L);
        KiB grantable = host.Free - decision.Slack - decision.Reserved;
        if (promised <= KiB.Max(host.PromisedBefore, grantable) + unmeasured) return;

        throw new FaultFoundException(
            $"{promised} are promised ({host.PromisedBefore} before) and {decision.Reserved} reserved, "
            + $"and {host.Free} are free with {decision.Slack} slack");
    }

    private static void CheckTarget(Publication publication, ExecutedCommand executed)
    {
        (HostCommand command, SimulatedGuest guest, KiB? before, GuestReport? report, _) = executed;
        DomainDecision decision = publication.Find(command.Domain)!;
        KiB held = decision.Domain.Actual;
        string name = guest.Description.Name;
        string text = $"{name} from {before} to {command.Value} ({decision.Reason.Kind}), {held} held";
        if (command.Value > before)
        {
            if (command.Value > decision.Maximum && decision.Reason.Kind != ReasonKind.Stuck)
            {
                throw new FaultFoundException($"above the maximum {decision.Maximum}: {text}");
            }

            return;
        }

        bool isShrunk = decision.Reason.Kind is ReasonKind.Shrinking or ReasonKind.Pressed;
        if (!isShrunk && command.Value < KiB.Min(before!.Value - KiB.Page, held.FloorToPage()))
        {
            throw new FaultFoundException($"takes memory without a reason for it: {text}");
        }

        if (isShrunk && command.Value < decision.Minimum)
        {
            throw new FaultFoundException($"below the minimum {decision.Minimum}: {text}");
        }

        if (decision.Reason.Kind != ReasonKind.Shrinking) return;
        DomainDemand demand = decision.Demand!.Value;
        if (command.Value < demand.Floor) throw new FaultFoundException($"below the floor {demand.Floor}: {text}");
        if (report?.Available is { } available && before - command.Value > KiB.Max(available, demand.Probe))
        {
            throw new FaultFoundException($"takes more than the {available} that the guest has available: {text}");
        }
    }
}
