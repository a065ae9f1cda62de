using XenBalloon.Core.Demand;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>How much a guest asks for that shows only that it lacks something.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ShortageMeterTests
{
    private readonly ShortageMeter meter = new();

    [TestCase(128, 32)]
    [TestCase(1024, 256)]
    public void The_first_step_is_a_quarter_of_what_it_holds_and_at_least_32_MiB(long holds, long step)
    {
        Hungry(holds);
        Assert.That(Goal, Is.EqualTo(holds + step));
    }

    [TestCase(5, 256)]
    [TestCase(7.5, 384)]
    [TestCase(10, 512)]
    [TestCase(60, 512)]
    public void Who_reports_seldom_asks_for_up_to_twice_as_much_at_a_time(double since, long step)
    {
        Hungry(1024, since: since);
        Assert.That(Goal, Is.EqualTo(1024 + step));
    }

    [Test]
    public void A_first_report_has_no_report_before_it_and_asks_for_a_usual_step()
    {
        meter.OnShortage(KiB.FromMiB(1024), KiB.Zero, null, isBlind: true, hidden: true);
        Assert.That(Goal, Is.EqualTo(1024 + 256));
    }

    [Test]
    public void Who_tells_of_waiting_asks_for_a_tenth_of_what_it_holds_at_a_time()
    {
        Hungry(1000, isBlind: false);
        Assert.That(Goal, Is.EqualTo(1100));
    }

    [Test]
    public void What_is_seen_to_be_missing_is_asked_for_at_once()
    {
        Hungry(512, seen: 300);
        Assert.That(Goal, Is.EqualTo(812));
    }

    [Test]
    public void Each_further_step_is_half_as_large_again()
    {
        foreach ((long holds, long goal) in new[] { (512L, 640L), (640, 832), (832, 1120) })
        {
            Hungry(holds);
            Assert.That(Goal, Is.EqualTo(goal));
        }
    }

    [Test]
    public void No_more_is_asked_for_before_it_was_given_nearly_all_that_it_asked_for()
    {
        Hungry(512);
        Hungry(635);
        Assert.That(Goal, Is.EqualTo(640));
        Hungry(636);
        Assert.That(Goal, Is.GreaterThan(640));
    }

    [Test]
    public void Who_is_well_asks_for_nothing_and_begins_with_a_small_step_the_next_time()
    {
        Hungry(512);
        Hungry(640);
        Well(832, used: 400);
        Assert.That(Goal, Is.Zero);
        Hungry(672);
        Assert.That(Goal, Is.EqualTo(672 + 168));
    }

    [Test]
    public void What_shows_as_used_once_it_is_there_need_not_be_remembered()
    {
        Hungry(512, hidden: false);
        Well(576, used: 200);
        Assert.That(Eased, Is.Zero);
    }

    [Test]
    public void What_made_a_guest_well_and_does_not_show_as_used_is_remembered()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Assert.That(Eased, Is.EqualTo(576));
    }

    [Test]
    public void What_it_was_not_given_did_not_make_it_well()
    {
        Hungry(512);
        Well(530, used: 200, since: 0);
        Assert.That(Eased, Is.EqualTo(530));
    }

    [Test]
    public void What_it_was_given_beyond_what_it_asked_for_did_not_make_it_well_either()
    {
        Hungry(512);
        Well(900, used: 200, since: 0);
        Assert.That(Eased, Is.EqualTo(640));
    }

    [Test]
    public void What_made_it_well_is_forgotten_in_minutes_down_to_what_it_uses_now()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Well(576, used: 200, since: 300);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
        Well(576, used: 200, since: 900);
        Assert.That(Eased, Is.Zero, "hardly more than it uses");
    }

    [Test]
    public void After_a_relapse_it_is_forgotten_more_slowly()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Hungry(512);
        Well(576, used: 200, since: 0);
        Well(576, used: 200, since: 600);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
    }

    [Test]
    public void However_often_it_relapses_it_is_forgotten_in_hours()
    {
        for (int i = 0; i < 20; i++)
        {
            Hungry(512);
            Well(576, used: 200, since: 0);
        }

        Well(576, used: 200, since: 2 * 60 * 60);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
    }

    [Test]
    public void Once_all_is_forgotten_the_next_time_is_a_first_time()
    {
        Hungry(512);
        Well(576, used: 200, since: 0);
        Hungry(512);
        Well(576, used: 200, since: 36_000);
        Assert.That(Eased, Is.Zero);
        Hungry(512);
        Well(576, used: 200, since: 300);
        Assert.That(Eased, Is.EqualTo(200 + (376 / Math.E)).Within(1));
    }

    [Test]
    public void Who_begins_to_wait_now_and_then_keeps_what_it_has_and_asks_for_no_more()
    {
        Hungry(512);
        meter.OnEarlyStall(KiB.FromMiB(540));
        Assert.That((Goal, Eased), Is.EqualTo((0, 540)));
        meter.OnEarlyStall(KiB.FromMiB(500));
        Assert.That(Eased, Is.EqualTo(540), "no less than made it well before");
    }

    private long Goal => meter.RequestedSize.Value / 1024;

    private long Eased => meter.ReliefSize.Value / 1024;

    private void Hungry(long holds, long seen = 0, double since = 1, bool isBlind = true, bool hidden = true) =>
        meter.OnShortage(KiB.FromMiB(holds), KiB.FromMiB(seen), TimeSpan.FromSeconds(since), isBlind, hidden);

    private void Well(long holds, long used, double since = 1) => meter.OnEnough(KiB.FromMiB(holds), KiB.FromMiB(used), TimeSpan.FromSeconds(since));
}
