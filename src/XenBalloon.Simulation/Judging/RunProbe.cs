using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>Measures a machine tick by tick, with access to the insides of guests.</summary>
internal sealed class RunProbe
{
    private readonly Scenario scenario;
    private readonly Machine machine;
    private readonly IWorkingSetEstimator? estimator;
    private readonly ImmutableArray<GuestProbe> probes;
    private readonly MovementProbe movement = new();
    private readonly HoardingProbe hoarding;
    private readonly Entitlement entitlement;
    private readonly double[] weights;
    private readonly double[] least;
    private readonly double[] needs;
    private readonly double[] entitled;
    private KiB peak;

    /// <summary>Starts measuring.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="policy">The policy in charge.</param>
    public RunProbe(Scenario scenario, Machine machine, IMemoryPolicy policy)
    {
        this.scenario = scenario;
        this.machine = machine;
        estimator = policy as IWorkingSetEstimator;
        probes = [.. machine.Guests.Select(guest => new GuestProbe(guest))];
        hoarding = new HoardingProbe(scenario.HostTotal, scenario.Slack);
        entitlement = new Entitlement(probes.Length);
        (weights, least, needs, entitled) = (
            new double[probes.Length], new double[probes.Length], new double[probes.Length], new double[probes.Length]);
    }

    /// <summary>Reads the policy's estimates after a pass.</summary>
    public void OnDecided()
    {
        if (estimator is null) return;
        foreach (GuestProbe probe in probes) probe.OnEstimated(estimator.WorkingSet(probe.Guest.Identity));
    }

    /// <summary>Records a tick.</summary>
    public void OnTick()
    {
        KiB held = KiB.Zero;
        bool moved = false;
        foreach (GuestProbe probe in probes)
        {
            probe.OnTick();
            moved |= probe.HasMoved;
            if (probe.IsPresent) held += probe.Guest.Occupied;
        }

        peak = KiB.Max(peak, held);
        movement.OnTick(machine.Now, moved);
        Entitle();
        KiB reserved = machine.Waiting.Aggregate(KiB.Zero, (sum, start) => sum + start.Needed);
        hoarding.OnTick(machine.Free, reserved, probes.Select(probe => probe.Shortage));
    }

    /// <summary>The result.</summary>
    /// <param name="violations">The violations counted during execution of commands.</param>
    public RunOutcome Sum(int violations)
    {
        SimulationReport report = machine.Report();
        return new RunOutcome
        {
            Report = report,
            Guests = [.. probes.Select(probe => probe.Sum())],
            Peak = peak,
            Hoarding = hoarding.Sum(),
            Settlings = movement.Sum(),
            Violations = violations + report.Host.Violations,
        };
    }

    // Memory of guests that do not run now (being built, paused, shutting down) cannot be divided.
    private void Entitle()
    {
        double capacity = (scenario.HostTotal - scenario.Dom0Memory - scenario.Slack).Value;
        int count = 0;
        double shares = 0;
        foreach (GuestProbe probe in probes)
        {
            if (!probe.IsWorking)
            {
                if (probe.IsPresent) capacity -= probe.Guest.Occupied.Value;
                continue;
            }

            GuestDescription guest = probe.Guest.Description;
            KiB need = KiB.Min(probe.Guest.Needed, guest.Maximum ?? guest.StaticMax);
            (weights[count], needs[count]) = (guest.Weight, need.Value);
            shares += guest.Weight;
            least[count++] = KiB.Min(guest.Minimum ?? KiB.Zero, need).Value;
        }

        entitlement.Share(capacity, weights.AsSpan(0, count), least.AsSpan(0, count), needs.AsSpan(0, count), entitled);
        count = 0;
        foreach (GuestProbe probe in probes)
        {
            if (!probe.IsWorking)
            {
                probe.OnIdle();
                continue;
            }

            double guaranteed = Math.Min(needs[count], capacity * weights[count] / shares);
            probe.OnEntitled(machine.Now, entitled[count++], guaranteed);
        }
    }
}

/// <summary>Measures for how long memory moves.</summary>
internal sealed class MovementProbe
{
    /// <summary>All balloons rest after this time without a move.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly List<TimeSpan> durations = [];
    private TimeSpan? began;
    private TimeSpan lastMove;

    /// <summary>Records a tick.</summary>
    /// <param name="now">The end of the tick.</param>
    /// <param name="moved">Whether any balloon has moved in it.</param>
    public void OnTick(TimeSpan now, bool moved)
    {
        if (moved)
        {
            began ??= now - Tick.Length;
            lastMove = now;
        }
        else if (now - lastMove >= Rest)
        {
            End();
        }
    }

    /// <summary>The times so far, in ascending order; the last may not have ended.</summary>
    public ImmutableArray<TimeSpan> Sum()
    {
        End();
        return [.. durations.Order()];
    }

    private void End()
    {
        if (began is { } start) durations.Add(lastMove - start);
        began = null;
    }
}
