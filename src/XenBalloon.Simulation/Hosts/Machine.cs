using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Hosts;

/// <summary>
/// The simulated machine. It has no clock and no thread: the caller advances it tick by tick. The same scenario with
/// the same commands at the same ticks gives the same run, however often it is observed.
/// </summary>
internal sealed class Machine
{
    private static readonly DomainIdentity Dom0 = new(0, Guid.Empty);

    private readonly Scenario scenario;
    private readonly ImmutableArray<SimulatedGuest> guests;

    // In the order of creation.
    private readonly ImmutableArray<SimulatedGuest> byCreation;
    private readonly StartQueue starts = new();

    // In ascending order of domid.
    private readonly List<SimulatedGuest> present = [];
    private int lastDomid;
    private KiB lowestFree;
    private long ticksBelowSlack;
    private int violations;
    private int refusedGrowth;

    /// <summary>Creates the machine at the beginning of a scenario.</summary>
    /// <param name="scenario">A valid scenario.</param>
    public Machine(Scenario scenario)
    {
        this.scenario = scenario;
        guests =
        [
            .. scenario.Guests.Select(
                (guest, number) => new SimulatedGuest(guest, Noise.Bits(scenario.Seed, (ulong)number))),
        ];
        Free = scenario.HostTotal - scenario.Dom0Memory;
        foreach (SimulatedGuest guest in guests.Where(guest => guest.Description.CreatedAt is null))
        {
            guest.CreateRunning(++lastDomid);
            Take(guest.Occupied);
            present.Add(guest);
        }

        lowestFree = Free;
        byCreation = [.. guests.OrderBy(guest => guest.Description.CreatedAt ?? TimeSpan.Zero)];
    }

    /// <summary>The scenario time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Memory that no domain holds and no build has claimed.</summary>
    public KiB Free { get; private set; }

    /// <summary>Rises with every change that wakes a waiting observer.</summary>
    public long Changes { get; private set; }

    /// <summary>The guests in the scenario's order, also those without a domain.</summary>
    public ImmutableArray<SimulatedGuest> Guests => guests;

    /// <summary>The starts that wait for memory, in the order of their requests.</summary>
    public ImmutableArray<StartRequest> Waiting => starts.Waiting;

    /// <summary>Advances by all ticks that end by this time.</summary>
    public void AdvanceTo(TimeSpan time)
    {
        while (Now + Tick.Length <= time) Advance();
    }

    /// <summary>The state of the hypervisor and xenstore.</summary>
    /// <param name="at">The time of the snapshot.</param>
    public HostSnapshot Observe(TimeSpan at)
    {
        ImmutableArray<DomainSnapshot>.Builder domains =
            ImmutableArray.CreateBuilder<DomainSnapshot>(present.Count + 1);
        KiB dom0 = this.scenario.Dom0Memory;
        domains.Add(new DomainSnapshot
        {
            Identity = Dom0,
            Name = "Domain-0",
            Actual = dom0,
            MaxMem = dom0,
            Target = dom0,
            StaticMax = dom0,
            BootMemory = dom0,
        });
        foreach (SimulatedGuest guest in present) domains.Add(guest.Observe());
        return new HostSnapshot
        {
            At = at,
            Total = this.scenario.HostTotal,
            Free = Free,
            Domains = domains.MoveToImmutable(),
        };
    }

    /// <summary>Executes a command between two ticks.</summary>
    public CommandOutcome Execute(HostCommand command)
    {
        if (command.Domain == Dom0) return new CommandOutcome(CommandStatus.Refused, "dom0's memory is fixed");
        foreach (SimulatedGuest guest in present)
        {
            if (guest.Identity.Domid == command.Domain.Domid) return Execute(command, guest);
        }

        return new CommandOutcome(CommandStatus.DomainGone, $"domain {command.Domain} is gone");
    }

    /// <summary>The results so far.</summary>
    public SimulationReport Report() => new(
        this.scenario.Name,
        Now,
        new HostOutcome
        {
            Free = Free,
            LowestFree = lowestFree,
            BelowSlack = Tick.Length * ticksBelowSlack,
            Violations = violations,
            RefusedGrowth = refusedGrowth,
            FailedStarts = starts.Failed,
            Starts = starts.Records,
        },
        [.. guests.Select(guest => guest.Outcome())]);

    private CommandOutcome Execute(HostCommand command, SimulatedGuest guest)
    {
        KiB before = guest.Promised;
        CommandOutcome outcome = guest.Execute(command);
        if (guest.Promised > before && Promised() > Free) violations++;
        return outcome;
    }

    private KiB Promised()
    {
        KiB promised = KiB.Zero;
        foreach (SimulatedGuest guest in present) promised += guest.Promised;
        return promised;
    }

    private void Advance()
    {
        Now += Tick.Length;
        CreateGuests();
        bool anyGone = false;
        foreach (SimulatedGuest guest in present)
        {
            Take(guest.Advance(Now, Free, out bool changed));
            if (changed) Changes++;
            if (guest.RefusedGrowth) refusedGrowth++;
            anyGone |= guest.State == GuestState.Absent;
        }

        if (anyGone) present.RemoveAll(guest => guest.State == GuestState.Absent);
        lowestFree = KiB.Min(lowestFree, Free);
        if (Free < this.scenario.Slack) ticksBelowSlack++;
    }

    // The toolstack claims all of a domain's memory before it starts to build it.
    private void CreateGuests()
    {
        foreach (SimulatedGuest guest in byCreation)
        {
            if (guest.State == GuestState.Absent && guest.IsStartRequested(Now)) starts.Add(guest, Now);
        }

        ImmutableArray<StartRequest> before = Waiting;
        foreach (SimulatedGuest guest in starts.Admit(Now, Free))
        {
            guest.Create(Now, ++lastDomid);
            Take(guest.Occupied);
            present.Add(guest);
            Changes++;
        }

        if (Waiting != before) Changes++;
    }

    private void Take(KiB amount)
    {
        if (amount > Free) throw new InvalidOperationException($"a guest took {amount} when {Free} were free");
        Free -= amount;
    }
}
