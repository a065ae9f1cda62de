using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>How far the search for a guest's true working set goes, and when it lets go.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WorkingSetProbeTests
{
    private static readonly GuestVitals Quiet = new() { MemorySome = 0, IoSome = 0, SwapTotal = KiB.FromMiB(100), SwapUsed = KiB.FromMiB(36) };

    private readonly WorkingSetProbe probe = new();

    [Test]
    public void A_hundredth_is_taken_every_six_seconds()
    {
        Take(0, Quiet);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(10), KiB.FromMiB(10))));
        Take(5.9, Quiet);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(10), KiB.Zero)));
        Take(6, Quiet);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(20), KiB.FromMiB(10))));
    }

    [Test]
    public void No_more_than_seven_hundredths_are_taken_for_unused()
    {
        for (int i = 0; i < 20; i++) Take(6 * i, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.FromMiB(70)));
    }

    [Test]
    public void Nothing_is_taken_while_the_guest_waits_for_memory_or_a_disk_or_does_not_say() => Assert.Multiple(() =>
    {
        Assert.That(Taken(Quiet with { MemorySome = 0.001 }), Is.Zero);
        Assert.That(Taken(Quiet with { IoSome = 0.001 }), Is.Zero);
        Assert.That(Taken(Quiet with { MemorySome = null }), Is.Zero);
        Assert.That(Taken(Quiet with { IoSome = null }), Is.Zero);
        Assert.That(Taken(null), Is.Zero);
        Assert.That(Taken(Quiet with { MemorySome = 0.0009, IoSome = 0.0009 }), Is.Not.Zero);
    });

    [Test]
    public void Nothing_is_taken_where_there_is_hardly_any_swap_left() => Assert.Multiple(() =>
    {
        Assert.That(Taken(Quiet with { SwapUsed = KiB.FromMiB(37) }), Is.Zero);
        Assert.That(Taken(Quiet with { SwapTotal = null }), Is.Zero);
        Assert.That(Taken(Quiet), Is.Not.Zero, "64 MiB are left");
    });

    [Test]
    public void A_disk_that_is_busy_for_a_while_does_not_undo_what_was_found()
    {
        Take(0, Quiet);
        Take(10, Quiet with { IoSome = 0.5 });
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.FromMiB(10), KiB.Zero)));
    }

    [Test]
    public void The_first_pain_gives_all_of_it_back_and_ends_the_search_for_ten_minutes()
    {
        Take(0, Quiet);
        Take(6, Quiet);
        Take(7, Quiet, allowed: false);
        Assert.That((probe.Taken, probe.Allowance), Is.EqualTo((KiB.Zero, KiB.Zero)));
        Take(606.9, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.Zero));
        Take(607, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.FromMiB(10)));
    }

    [Test]
    public void Pain_that_the_search_did_not_cause_does_not_put_it_off()
    {
        Take(0, Quiet, allowed: false);
        Take(1, Quiet);
        Assert.That(probe.Taken, Is.EqualTo(KiB.FromMiB(10)));
    }

    private static long Taken(GuestVitals? vitals)
    {
        var fresh = new WorkingSetProbe();
        fresh.Read(KiB.FromMiB(1000), Report(0, vitals), allowed: true);
        return fresh.Taken.Value + fresh.Allowance.Value;
    }

    private static GuestReport Report(double second, GuestVitals? vitals) =>
        new(ReportSource.Agent, KiB.FromMiB(800), KiB.FromMiB(960), TimeSpan.FromSeconds(second)) { Vitals = vitals };

    private void Take(double second, GuestVitals? vitals, bool allowed = true) => probe.Read(KiB.FromMiB(1000), Report(second, vitals), allowed);
}
