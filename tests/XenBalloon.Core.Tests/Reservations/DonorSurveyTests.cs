using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Who can give how much for a reservation, how soon, and what is said of those who do not.</summary>
public sealed class DonorSurveyTests
{
    [Test]
    public void A_balloon_that_never_moved_yet_is_expected_to_give_200_MiB_in_a_second()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).WithFree(32).Reports(1, 200);
        host.Reserve(1000);
        host.Decide();
        Assert.That(Waiting(host).Eta - host.Now, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void A_balloon_that_was_seen_moving_is_expected_to_go_on_like_that()
    {
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).WithFree(32).Reports(1, 200);
        host.Reserve(3000);
        host.Act();
        host[1] = host[1] with { Actual = KiB.FromMiB(4096) };
        host.Passes(1).Decide();
        host[1] = host[1] with { Actual = KiB.FromMiB(4096 - 100) };
        host.Passes(2).Decide();
        Assert.That((Waiting(host).Eta - host.Now)!.Value.TotalSeconds, Is.EqualTo((3000 - 100) / 50.0).Within(0.1), "100 MiB in two seconds");
    }

    [Test]
    public void More_than_all_have_above_what_they_use_and_their_minimums_will_never_be_there()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).WithFree(32).Reports(1, 200);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Minimum = KiB.FromMiB(1024) } };
        host.Reserve(1024 + 4);
        host.Decide();
        Assert.That(Waiting(host).Eta, Is.Null);
        host = new HostBuilder().With(1, 2048, 2048).WithFree(32).Reports(1, 1000);
        host.Reserve(2048 - 1000);
        host.Decide();
        Assert.That(Waiting(host).Eta, Is.Null);
    }

    [Test]
    public void One_that_nobody_can_give_enough_for_holds_up_no_smaller_one()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).WithFree(32 + 200).Reports(1, 200);
        host.Reserve(4096);
        host.Decide();
        for (int i = 0; i < 3; i++) host.Reserve(1500);
        for (int i = 0; i < 3; i++) host.Reserve(60);
        host.Passes(1).Decide();
        host.Passes(1).Decide();
        Assert.That(host.Reservations.Open.Count(one => one.State == ReservationState.Ready), Is.EqualTo(3));
    }

    [Test]
    public void Of_one_that_the_donors_can_give_enough_for_it_is_counted_what_goes_ahead()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).WithFree(32 + 100).Reports(1, 200);
        host.Reserve(1000);
        host.Decide();
        host.Reserve(60);
        host.Passes(1).Decide();
        Assert.That(Waiting(host).Overtaken, Is.EqualTo(KiB.FromMiB(60)));
    }

    [Test]
    public void A_domain_that_is_not_managed_is_not_asked_and_not_blamed()
    {
        HostBuilder host = Waiting("g1", new DomainSettings { Managed = false });
        Assert.That(Why(host), Is.Empty);
        Assert.That(Waiting(host).Eta, Is.Null);
    }

    [Test]
    public void A_domain_at_its_minimum_is_named_as_such() =>
        Assert.That(Why(Waiting("g1", new DomainSettings { Minimum = KiB.FromMiB(1020) })), Is.EqualTo(new[] { DonorObstacle.AtMinimum }));

    [Test]
    public void A_domain_that_uses_what_it_has_is_named_as_such() => Assert.That(Why(Waiting("none", DomainSettings.None, used: 980)), Is.EqualTo(new[] { DonorObstacle.InUse }));

    [Test]
    public void A_domain_that_can_give_is_not_blamed() => Assert.That(Why(Waiting("none", DomainSettings.None, used: 200)), Is.Empty);

    [Test]
    public void A_domain_that_is_paused_is_named_as_such()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(32);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Paused };
        host.Reserve(4096);
        host.Reports(1, 200).Decide();
        Assert.That(Why(host), Is.EqualTo(new[] { DonorObstacle.NotRunning }));
    }

    [Test]
    public void A_domain_whose_minimum_is_its_maximum_runs_and_is_at_its_minimum() => Assert.That(
        Why(Waiting("g1", new DomainSettings { Minimum = KiB.FromMiB(1024), Maximum = KiB.FromMiB(1024) })), Is.EqualTo(new[] { DonorObstacle.AtMinimum }));

    [Test]
    public void A_domain_with_a_device_passed_through_runs_and_is_left_at_its_size()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(32);
        host[1] = host[1] with { HasPassthrough = true };
        host.Reserve(4096);
        host.Reports(1, 200).Decide();
        Assert.That(Waiting(host).Explain(), Does.EndWith("g1 is left at its size"));
    }

    [Test]
    public void A_domain_that_gives_far_too_slowly_is_named_as_such()
    {
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).WithFree(32);
        host.Reserve(2048);
        for (int second = 0; second < 10; second++)
        {
            KiB before = host[1].Actual;
            host.Passes(1).Reports(1, 100).Act();
            host[1] = host[1] with { Actual = before - new KiB(40) };
        }

        Assert.That(Why(host), Is.EqualTo(new[] { DonorObstacle.Slow }));
    }

    /// <summary>A reservation that one domain of 1 GiB cannot meet, decided upon once; with this said of the domains that a pattern names.</summary>
    private static HostBuilder Waiting(string pattern, DomainSettings settings, long used = 200)
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(32);
        host.Settings = host.Settings with { Rules = [new DomainRule(pattern, settings)] };
        host.Reserve(4096);
        host.Reports(1, used).Act();
        return host;
    }

    private static Reservation Waiting(HostBuilder host) => host.Reservations.Open[0];

    private static IEnumerable<DonorObstacle> Why(HostBuilder host) => Waiting(host).Donations.Where(one => one.Obstacle is not null).Select(one => one.Obstacle!.Value);
}
