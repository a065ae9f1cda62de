using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;
using XenBalloon.Simulation.Tests.Peers;

namespace XenBalloon.Simulation.Tests.Files;

/// <summary>Scenarios that stand for something observed show it with memory held fast: whatever balances, they are not made to suit it.</summary>
public sealed class CalibrationTests
{
    // Figure 7: 179 MB for each without tax.
    private const int EqualShare = 179;
    private const int TaxedShare = 244;

    [Test]
    public void The_taxed_share_of_the_one_who_works_is_the_papers()
    {
        // The idle one uses 70 MB, the working one all that it has.
        Claim[] claims = [new(100, KiB.FromMiB(70), KiB.Zero, KiB.FromMiB(256)), new(100, KiB.FromMiB(256), KiB.Zero, KiB.FromMiB(256))];
        Assert.That(ShareOut.Among(claims, KiB.FromMiB(2 * EqualShare), 0.75)[1].MiB(), Is.EqualTo(TaxedShare).Within(0.5));
    }

    [Test]
    public void Taxing_the_idle_makes_who_works_do_about_a_third_more_as_in_the_paper()
    {
        double before = Static(Working(EqualShare), "slowdown.mean", seeds: 10), after = Static(Working(TaxedShare), "slowdown.mean", seeds: 10);
        Assert.That(before / after, Is.InRange(1.30, 1.40), "throughput is 1 / slowdown");
    }

    [TestCase(10, true)]
    [TestCase(11, false)]
    public void Ten_of_the_fourteen_would_fit_without_moving_memory_and_not_eleven(int number, bool fit)
    {
        Scenario scenario = BuiltInScenarios.Read("density");
        KiB memory = new(scenario.Guests.Sum(guest => guest.BootMemory.Value));
        GuestDescription[] guests = [.. scenario.Guests.Take(number).Select(guest => guest with { BootMemory = memory.Times(1.0 / number).FloorToPage() })];
        Assert.That(scenario.Guests, Has.Length.EqualTo(14));
        Assert.That(Static(scenario with { Guests = [.. guests] }, "slowdown.p99", seeds: 4) <= 1.05, Is.EqualTo(fit));
    }

    [Test]
    public void Nobody_is_asked_to_be_faster_than_without_any_waiting()
    {
        var asked = from name in BuiltInScenarios.Names
                    let scenario = BuiltInScenarios.Read(name)
                    from line in scenario.PassLines
                    where line.Metric.Name.StartsWith("slowdown", StringComparison.Ordinal) && line.Comparison is Comparison.AtMost or Comparison.Below
                    where line.Other is null || line.Bound < 1
                    select (Line: $"{name}: {line}", Bound: line.Other is null ? line.Bound : line.Bound * Held(scenario, line));
        Assert.That(asked.Where(one => one.Bound <= 1).Select(one => one.Line), Is.Empty);
    }

    private static Scenario Working(int mib)
    {
        Scenario scenario = BuiltInScenarios.Read("idle-tax");
        GuestDescription working = scenario.Guests.Single(guest => guest.Name == "working");
        return scenario with { Guests = [working with { BootMemory = KiB.FromMiB(mib) }] };
    }

    private static double Static(Scenario scenario, string metric, int seeds) => Mean(scenario, PolicyCatalog.Static, AllMetrics.Named(metric), seeds);

    private static double Held(Scenario scenario, PassLine line) => Mean(scenario, line.Other!, line.Metric, seeds: 2, line.Guest);

    private static double Mean(Scenario scenario, string policy, Metric metric, int seeds, string? guest = null)
    {
        PolicyEntry entry = PolicyCatalog.All.Single(one => one.Name == policy);
        return Judge.Run(scenario, new JudgeOptions { Policies = [entry], Seeds = seeds }).Policies[0].Of(metric, guest)!.Value.Mean;
    }
}
