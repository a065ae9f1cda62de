using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;
using XenBalloon.Simulation.Tests.Policies;

namespace XenBalloon.Simulation.Tests.Files;

/// <summary>
/// Scenarios after published measurements reproduce them with fixed memory, so that they favour no policy.
/// </summary>
public sealed class CalibrationTests
{
    // Figure 7: 179 MB for each without tax.
    private const int EqualShare = 179;
    private const int TaxedShare = 244;

    [Test]
    public void Taxed_share_of_the_working_domain_matches_the_paper()
    {
        // The idle domain uses 70 MB, the working one all its memory.
        WeightedDemand[] claims =
        [
            new(100, KiB.FromMiB(70), KiB.Zero, KiB.FromMiB(256)),
            new(100, KiB.FromMiB(256), KiB.Zero, KiB.FromMiB(256)),
        ];
        KiB taxed = WeightedShares.Divide(claims, KiB.FromMiB(2 * EqualShare), 0.75)[1];
        Assert.That(taxed.MiB(), Is.EqualTo(TaxedShare).Within(0.5));
    }

    [Test]
    public void Idle_tax_raises_throughput_by_a_third_as_in_the_paper()
    {
        double before = Static(Working(EqualShare), "slowdown.mean", seeds: 10);
        double after = Static(Working(TaxedShare), "slowdown.mean", seeds: 10);
        Assert.That(before / after, Is.InRange(1.30, 1.40), "throughput is 1 / slowdown");
    }

    [TestCase(10, true)]
    [TestCase(11, false)]
    public void Ten_of_fourteen_domains_fit_without_balancing_and_eleven_do_not(int number, bool fit)
    {
        Scenario scenario = BuiltInScenarios.Read("density");
        KiB memory = new(scenario.Guests.Sum(guest => guest.BootMemory.Value));
        KiB each = memory.Times(1.0 / number).FloorToPage();
        GuestDescription[] guests =
            [.. scenario.Guests.Take(number).Select(guest => guest with { BootMemory = each })];
        Assert.That(scenario.Guests, Has.Length.EqualTo(14));
        Assert.That(Static(scenario with { Guests = [.. guests] }, "slowdown.p99", seeds: 4) <= 1.05, Is.EqualTo(fit));
    }

    [Test]
    public void No_pass_line_demands_a_slowdown_below_1()
    {
        var bounds =
            from name in BuiltInScenarios.Names
            let scenario = BuiltInScenarios.Read(name)
            from line in PassLine.Of(scenario)
            where line.Metric.Name.StartsWith("slowdown", StringComparison.Ordinal)
            where line.Comparison is Comparison.AtMost or Comparison.Below
            where line.Other is null || line.Bound < 1
            let factor = line.Other is null ? 1 : Compared(scenario, line)
            select (Line: $"{name}: {line}", Bound: line.Bound * factor);
        Assert.That(bounds.Where(line => line.Bound <= 1).Select(line => line.Line), Is.Empty);
    }

    private static Scenario Working(int mib)
    {
        Scenario scenario = BuiltInScenarios.Read("idle-tax");
        GuestDescription working = scenario.Guests.Single(guest => guest.Name == "working");
        return scenario with { Guests = [working with { BootMemory = KiB.FromMiB(mib) }] };
    }

    private static double Static(Scenario scenario, string metric, int seeds) =>
        Mean(scenario, PolicyCatalog.Static, MetricCatalog.Named(metric), seeds);

    private static double Compared(Scenario scenario, PassLine line) =>
        Mean(scenario, line.Other!, line.Metric, seeds: 2, line.Guest);

    private static double Mean(Scenario scenario, string policy, Metric metric, int seeds, string? guest = null)
    {
        PolicyEntry entry = PolicyCatalog.All.Single(known => known.Name == policy);
        Judgement judgement = Judge.Run(scenario, new JudgeOptions { Policies = [entry], Seeds = seeds });
        return judgement.Policies[0].Of(metric, guest)!.Value.Mean;
    }
}
