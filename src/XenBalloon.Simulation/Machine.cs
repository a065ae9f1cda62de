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

    private readonly Scenario _scenario;
    private readonly ImmutableArray<SimulatedGuest> _guests;
    private readonly Queue<SimulatedGuest> _upcoming;

    // In ascending order of domid.
    private readonly List<SimulatedGuest> _present = [];
    private int _lastDomid;
    private KiB _lowestFree;
    private long _ticksBelowSlack;
    private int _violations;
    private int _refusedGrowth;
    private int _failedStarts;

    /// <summary>Builds the machine as it is when the scenario begins.</summary>
    /// <param name="scenario">A sound one.</param>
    public Machine(Scenario scenario)
    {
        _scenario = scenario;
        _guests = [.. scenario.Guests.Select((guest, number) => new SimulatedGuest(guest, Noise.Bits(scenario.Seed, (ulong)number)))];
        Free = scenario.HostTotal - scenario.Dom0Memory;
        foreach (SimulatedGuest guest in _guests.Where(guest => guest.Description.CreatedAt is null))
        {
            guest.CreateRunning(++_lastDomid);
            Take(guest.Actual);
            _present.Add(guest);
        }

        _lowestFree = Free;
        _upcoming = new Queue<SimulatedGuest>(_guests.Where(guest => guest.Description.CreatedAt is not null).OrderBy(guest => guest.Description.CreatedAt));
    }

    /// <summary>The scenario's time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Memory that no domain holds.</summary>
    public KiB Free { get; private set; }

    /// <summary>Rises with everything that whoever watches would be told of.</summary>
    public long Changes { get; private set; }

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
        ImmutableArray<DomainSnapshot>.Builder domains = ImmutableArray.CreateBuilder<DomainSnapshot>(_present.Count + 1);
        KiB dom0 = _scenario.Dom0Memory;
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
        foreach (SimulatedGuest guest in _present) domains.Add(guest.Observe());
        return new HostSnapshot { At = at, Total = _scenario.HostTotal, Free = Free, Domains = domains.MoveToImmutable() };
    }

    /// <summary>Carries a command out between two ticks.</summary>
    public CommandOutcome Execute(HostCommand command)
    {
        if (command.Domain == Dom0) return new CommandOutcome(CommandStatus.Refused, "dom0's memory is fixed");
        foreach (SimulatedGuest guest in _present)
        {
            if (guest.Identity.Domid == command.Domain.Domid) return Execute(command, guest);
        }

        return new CommandOutcome(CommandStatus.DomainGone, $"domain {command.Domain} is gone");
    }

    /// <summary>What became of the scenario so far.</summary>
    public SimulationReport Report() => new(
        _scenario.Name,
        Now,
        new HostOutcome
        {
            Free = Free,
            LowestFree = _lowestFree,
            BelowSlack = TickLength * _ticksBelowSlack,
            Violations = _violations,
            RefusedGrowth = _refusedGrowth,
            FailedStarts = _failedStarts,
        },
        [.. _guests.Select(guest => guest.Outcome())]);

    private CommandOutcome Execute(HostCommand command, SimulatedGuest guest)
    {
        KiB before = guest.Promised;
        CommandOutcome outcome = guest.Execute(command);
        if (guest.Promised > before && Promised() > Free) _violations++;
        return outcome;
    }

    private KiB Promised()
    {
        KiB promised = KiB.Zero;
        foreach (SimulatedGuest guest in _present) promised += guest.Promised;
        return promised;
    }

    private void Tick()
    {
        Now += TickLength;
        while (_upcoming.TryPeek(out SimulatedGuest? next) && next.Description.CreatedAt <= Now) Create(_upcoming.Dequeue());
        bool anyGone = false;
        foreach (SimulatedGuest guest in _present)
        {
            Take(guest.Advance(Now, Free, out bool changed));
            if (changed) Changes++;
            if (guest.RefusedGrowth) _refusedGrowth++;
            anyGone |= guest.Stage == LifeStage.Gone;
        }

        if (anyGone) _present.RemoveAll(guest => guest.Stage == LifeStage.Gone);
        _lowestFree = KiB.Min(_lowestFree, Free);
        if (Free < _scenario.Slack) _ticksBelowSlack++;
    }

    private void Create(SimulatedGuest guest)
    {
        // The toolstack claims all of it before it builds anything, and gives up where that is refused.
        if (guest.NeedsToStart > Free)
        {
            _failedStarts++;
            return;
        }

        guest.Create(Now, ++_lastDomid);
        Take(guest.Actual);
        _present.Add(guest);
        Changes++;
    }

    private void Take(KiB amount)
    {
        if (amount > Free) throw new InvalidOperationException($"{amount} were given out when {Free} were free");
        Free -= amount;
    }
}
