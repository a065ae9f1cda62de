using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation;

/// <summary>
/// The simulated machine itself. Knows no clock and no thread: it is moved on tick by tick, so that the same scenario with the same commands at the
/// same ticks always runs alike, however often it is looked at.
/// </summary>
internal sealed class Machine
{
    /// <summary>Ticks in a second.</summary>
    public const int TicksPerSecond = 10;

    /// <summary>The step in which everything advances.</summary>
    public static readonly TimeSpan TickLength = TimeSpan.FromSeconds(1) / TicksPerSecond;

    private static readonly DomainIdentity Dom0 = new(0, Guid.Empty);

    private readonly Scenario scenario;
    private readonly ImmutableArray<SimulatedGuest> guests;

    // In the order in which the scenario creates them.
    private readonly ImmutableArray<SimulatedGuest> byCreation;
    private readonly StartQueue starts = new();

    // In ascending order of domid.
    private readonly List<SimulatedGuest> present = [];
    private int lastDomid;
    private KiB lowestFree;
    private long ticksBelowSlack;
    private int violations;
    private int refusedGrowth;

    /// <summary>Builds the machine as it is when the scenario begins.</summary>
    /// <param name="scenario">A sound one.</param>
    public Machine(Scenario scenario)
    {
        this.scenario = scenario;
        guests = [.. scenario.Guests.Select((guest, number) => new SimulatedGuest(guest, Noise.Bits(scenario.Seed, (ulong)number)))];
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

    /// <summary>The scenario's time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Memory that no domain holds and that is not claimed for one.</summary>
    public KiB Free { get; private set; }

    /// <summary>Rises with everything that whoever watches would be told of.</summary>
    public long Changes { get; private set; }

    /// <summary>The guests, in the scenario's order, whether they are there or not.</summary>
    public ImmutableArray<SimulatedGuest> Guests => guests;

    /// <summary>Guests that someone wants to start and that do not fit yet, in the order in which they were asked for.</summary>
    public ImmutableArray<StartRequest> Waiting => starts.Waiting;

    /// <summary>A rate, by the tick, in whole pages.</summary>
    public static KiB PerTick(KiB perSecond) => new KiB(perSecond.Value / TicksPerSecond).FloorToPage();

    /// <summary>Moves on until the next tick would be later than this.</summary>
    public void AdvanceTo(TimeSpan time)
    {
        while (Now + TickLength <= time) Tick();
    }

    /// <summary>Everything that the hypervisor and xenstore show.</summary>
    /// <param name="at">The time to put on it.</param>
    public HostSnapshot Observe(TimeSpan at)
    {
        ImmutableArray<DomainSnapshot>.Builder domains = ImmutableArray.CreateBuilder<DomainSnapshot>(present.Count + 1);
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
        return new HostSnapshot { At = at, Total = this.scenario.HostTotal, Free = Free, Domains = domains.MoveToImmutable() };
    }

    /// <summary>Carries a command out between two ticks.</summary>
    public CommandOutcome Execute(HostCommand command)
    {
        if (command.Domain == Dom0) return new CommandOutcome(CommandStatus.Refused, "dom0's memory is fixed");
        foreach (SimulatedGuest guest in present)
        {
            if (guest.Identity.Domid == command.Domain.Domid) return Execute(command, guest);
        }

        return new CommandOutcome(CommandStatus.DomainGone, $"domain {command.Domain} is gone");
    }

    /// <summary>What became of the scenario so far.</summary>
    public SimulationReport Report() => new(
        this.scenario.Name,
        Now,
        new HostOutcome
        {
            Free = Free,
            LowestFree = lowestFree,
            BelowSlack = TickLength * ticksBelowSlack,
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

    private void Tick()
    {
        Now += TickLength;
        Start();
        bool anyGone = false;
        foreach (SimulatedGuest guest in present)
        {
            Take(guest.Advance(Now, Free, out bool changed));
            if (changed) Changes++;
            if (guest.RefusedGrowth) refusedGrowth++;
            anyGone |= guest.Stage == LifeStage.Gone;
        }

        if (anyGone) present.RemoveAll(guest => guest.Stage == LifeStage.Gone);
        lowestFree = KiB.Min(lowestFree, Free);
        if (Free < this.scenario.Slack) ticksBelowSlack++;
    }

    // The toolstack claims all of a domain's memory before it builds anything.
    private void Start()
    {
        foreach (SimulatedGuest guest in byCreation)
        {
            if (guest.Stage == LifeStage.Gone && guest.IsAskedFor(Now)) starts.Ask(guest, Now);
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
        if (amount > Free) throw new InvalidOperationException($"{amount} were given out when {Free} were free");
        Free -= amount;
    }
}
