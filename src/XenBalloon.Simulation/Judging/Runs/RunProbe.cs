using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Watches a machine tick by tick, with the eyes of someone who sees into the guests.</summary>
internal sealed class RunProbe
{
    private readonly Scenario scenario;
    private readonly Machine machine;
    private readonly IEstimatesWorkingSets? estimates;
    private readonly ImmutableArray<GuestProbe> probes;
    private readonly MovementProbe movement = new();
    private readonly HoardingProbe hoarding;
    private readonly Entitlement entitlement;
    private readonly double[] weights;
    private readonly double[] least;
    private readonly double[] needs;
    private readonly double[] entitled;
    private KiB peak;

    /// <summary>Begins to watch.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="machine">The machine that it runs on.</param>
    /// <param name="policy">Who is in charge of it.</param>
    public RunProbe(Scenario scenario, Machine machine, IMemoryPolicy policy)
    {
        this.scenario = scenario;
        this.machine = machine;
        estimates = policy as IEstimatesWorkingSets;
        probes = [.. machine.Guests.Select(guest => new GuestProbe(guest))];
        hoarding = new HoardingProbe(scenario.HostTotal, scenario.Slack);
        entitlement = new Entitlement(probes.Length);
        (weights, least, needs, entitled) = (new double[probes.Length], new double[probes.Length], new double[probes.Length], new double[probes.Length]);
    }

    /// <summary>The policy has decided.</summary>
    public void OnDecided()
    {
        if (estimates is null) return;
        foreach (GuestProbe probe in probes) probe.OnEstimated(estimates.Estimate(probe.Guest.Identity));
    }

    /// <summary>A tick has gone by.</summary>
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
        hoarding.OnTick(machine.Free, reserved, probes.Select(probe => probe.Lack));
    }

    /// <summary>What it all came to.</summary>
    /// <param name="violations">Those that were seen by whoever carried the commands out.</param>
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

    // What those hold that do not work just now (under construction, paused, on their way out) cannot be shared.
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
