using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Which domains can give how much for a reservation, how soon, and what hinders the others.</summary>
public sealed class DonorSurveyTests
{
    [Test]
    public void Balloon_that_never_moved_is_assumed_to_give_200_MiB_per_second()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).WithFree(32).Reports(1, 200);
        host.Reserve(1000);
        host.Decide();
        Assert.That(Waiting(host).Eta - host.Now, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void Balloon_that_moved_is_assumed_to_keep_its_speed()
    {
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).WithFree(32).Reports(1, 200);
        host.Reserve(3000);
        host.Act();
        host[1] = host[1] with { Actual = KiB.FromMiB(4096) };
        host.Passes(1).Decide();
        host[1] = host[1] with { Actual = KiB.FromMiB(4096 - 100) };
        host.Passes(2).Decide();
        Assert.That(
            (Waiting(host).Eta - host.Now)!.Value.TotalSeconds,
            Is.EqualTo((3000 - 100) / 50.0).Within(0.1),
            "100 MiB in two seconds");
    }

    [Test]
    public void Reservation_beyond_all_floors_and_minimums_has_no_eta()
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
    public void Reservation_out_of_reach_delays_no_smaller_one()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).WithFree(32 + 200).Reports(1, 200);
        host.Reserve(4096);
        host.Decide();
        for (int i = 0; i < 3; i++) host.Reserve(1500);
        for (int i = 0; i < 3; i++) host.Reserve(60);
        host.Passes(1).Decide();
        host.Passes(1).Decide();
        Assert.That(host.Reservations.Open.Count(entry => entry.State == ReservationState.Ready), Is.EqualTo(3));
    }

    [Test]
    public void Overtaking_is_counted_for_a_reservation_within_reach()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).WithFree(32 + 100).Reports(1, 200);
        host.Reserve(1000);
        host.Decide();
        host.Reserve(60);
        host.Passes(1).Decide();
        Assert.That(Waiting(host).Overtaken, Is.EqualTo(KiB.FromMiB(60)));
    }

    [Test]
    public void Unmanaged_domain_is_neither_donor_nor_obstacle()
    {
        HostBuilder host = Waiting("g1", new DomainSettings { Managed = false });
        Assert.That(Why(host), Is.Empty);
        Assert.That(Waiting(host).Eta, Is.Null);
    }

    [Test]
    public void Domain_at_its_minimum_is_an_obstacle() =>
        Assert.That(
            Why(Waiting("g1", new DomainSettings { Minimum = KiB.FromMiB(1020) })),
            Is.EqualTo(new[] { DonorObstacle.AtMinimum }));

    [Test]
    public void Domain_that_uses_what_it_has_is_an_obstacle() =>
        Assert.That(Why(Waiting("none", DomainSettings.None, used: 980)), Is.EqualTo(new[] { DonorObstacle.InUse }));

    [Test]
    public void Domain_that_can_give_is_not_an_obstacle() =>
        Assert.That(Why(Waiting("none", DomainSettings.None, used: 200)), Is.Empty);

    [Test]
    public void Paused_domain_is_an_obstacle()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(32);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Paused };
        host.Reserve(4096);
        host.Reports(1, 200).Decide();
        Assert.That(Why(host), Is.EqualTo(new[] { DonorObstacle.NotRunning }));
    }

    [Test]
    public void Domain_with_one_size_is_at_its_minimum() => Assert.That(
        Why(Waiting("g1", new DomainSettings { Minimum = KiB.FromMiB(1024), Maximum = KiB.FromMiB(1024) })), Is.EqualTo(
            new[] { DonorObstacle.AtMinimum }));

    [Test]
    public void Domain_with_a_passed_through_device_is_left_at_its_size()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(32);
        host[1] = host[1] with { HasPassthrough = true };
        host.Reserve(4096);
        host.Reports(1, 200).Decide();
        Assert.That(Waiting(host).Explain(), Does.EndWith("g1 is not balanced"));
    }

    [Test]
    public void Domain_that_gives_too_slowly_is_an_obstacle()
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

    /// <summary>
    /// A reservation that one domain of 1 GiB cannot meet, after one pass; with these settings for a pattern.
    /// </summary>
    private static HostBuilder Waiting(string pattern, DomainSettings settings, long used = 200)
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 2048).WithFree(32);
        host.Settings = host.Settings with { Rules = [new DomainRule(pattern, settings)] };
        host.Reserve(4096);
        host.Reports(1, used).Act();
        return host;
    }

    private static Reservation Waiting(HostBuilder host) => host.Reservations.Open[0];

    private static IEnumerable<DonorObstacle> Why(HostBuilder host) =>
        Waiting(host).Donations.Where(entry => entry.Obstacle is not null).Select(entry => entry.Obstacle!.Value);
}

/// <summary>When a reservation will be ready, and its obstacles.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ProgressTests
{
    private static readonly Donor Fast = new(KiB.FromMiB(3072), KiB.FromMiB(3072), KiB.FromMiB(512));

    private static readonly Donor Trickler = new(KiB.FromMiB(3072), KiB.FromMiB(3072), new KiB(40));

    private readonly BookFixture fixture = new();

    [Test]
    public void Eta_does_not_wait_for_a_slow_donor()
    {
        long id = fixture.WithFree(0).Requests(2048);

        Note([Trickler, Fast], Status(1, "not asked", 1000, 1000));

        Assert.That(fixture[id].Donations, Is.Empty);

        Assert.That((fixture[id].Eta - fixture.Now)!.Value.TotalSeconds, Is.EqualTo(4).Within(0.01));
    }

    [Test]
    public void Older_requests_have_the_earlier_eta()
    {
        long first = fixture.WithFree(0).Requests(512), second = fixture.Requests(1024);
        long outOfReach = fixture.Requests(8000);

        Note([Fast]);

        Assert.That(fixture[first].Eta, Is.EqualTo(fixture.Now + TimeSpan.FromSeconds(1)));
        Assert.That(fixture[second].Eta, Is.EqualTo(fixture.Now + TimeSpan.FromSeconds(3)));
        Assert.That(fixture[outOfReach].Eta, Is.Null);
    }

    [Test]
    public void No_progress_is_recorded_if_nothing_is_wanted()
    {
        fixture.WithFree(512).Requests(512);
        ReservationBook before = fixture.Updates().Book;

        Assert.That(before.WithProgress([Fast], [Status(1, "web", 1000, 500)], fixture.Now), Is.SameAs(before));
    }

    [Test]
    public void Expired_reservation_names_the_domains_that_did_not_or_could_not_give()
    {
        fixture.WithFree(60).Requests(2048, within: 10);
        DonorStatus atMinimum = Status(4, "", 300, 300, DonorObstacle.AtMinimum);
        Note(
            [],
            Status(1, "giver", 1000, 500),
            Status(2, "trickler", 1000, 500),
            Status(3, "stuck", 1000, 600),
            atMinimum);
        fixture.Passes(9).WithFree(600);
        DonorStatus slow = Status(2, "trickler", 960, 500, DonorObstacle.Slow);
        Note([], Status(1, "giver", 500, 500), slow, Status(3, "stuck", 1000, 600, DonorObstacle.Stuck), atMinimum);

        fixture.Passes(1).Updates();

        Reservation expired = fixture.Last.Ended.Single();
        Assert.That(expired.BlockedBy.Select(entry => (entry.Name, entry.Obstacle)), Is.EquivalentTo(new[]
        {
            ("trickler", DonorObstacle.Slow), ("stuck", DonorObstacle.Stuck), (
                "", (DonorObstacle?)DonorObstacle.AtMinimum),
        }));
        Assert.That(expired.Explain(), Is.EqualTo(
            "2048 MiB did not become free in time; trickler gave 40 MiB of 500 MiB and is slow; "
            + "stuck gave 0 KiB of 400 MiB and has a balloon that does not respond; "
            + $"domain {BookFixture.Identity(4)} is at its minimum"));
    }

    [Test]
    public void Donation_is_measured_from_the_size_when_first_counted()
    {
        long first = fixture.WithFree(0).Requests(2048);
        Note([], Status(1, "web", 1000, 400));
        long second = fixture.Requests(2048);
        Note([], Status(1, "web", 700, 400));

        Assert.That(
            fixture[first].Donations.Single(),
            Has.Property("Requested").EqualTo(KiB.FromMiB(600)).And.Property("Given").EqualTo(KiB.FromMiB(300)));
        Assert.That(
            fixture[second].Donations.Single(),
            Has.Property("Requested").EqualTo(KiB.FromMiB(300)).And.Property("Given").EqualTo(KiB.Zero));
    }

    [Test]
    public void Donor_between_steps_is_not_an_obstacle_and_a_slow_one_is()
    {
        long id = fixture.WithFree(0).Requests(2048);
        Note([], Status(1, "web", 1000, 400));
        Assert.That(fixture[id].BlockedBy, Is.Empty);

        Note([], Status(1, "web", 700, 400, DonorObstacle.Slow));

        Assert.That(
            fixture[id].Explain(), Is.EqualTo("0 KiB of 2048 MiB held; web gave 300 MiB of 600 MiB and is slow"));
    }

    [Test]
    public void Ready_reservation_has_no_obstacles()
    {
        long id = fixture.WithFree(0).Requests(512);
        Note([], Status(1, "web", 1000, 400, DonorObstacle.Slow));

        fixture.WithFree(512).Updates();

        Assert.That(fixture[id].BlockedBy, Is.Empty);
        Assert.That(fixture[id].Eta, Is.Null);
    }

    private static DonorStatus Status(
        int domid, string name, long holdsMib, long targetMib, DonorObstacle? obstacle = null) =>
        new(BookFixture.Identity(domid), name, KiB.FromMiB(holdsMib), KiB.FromMiB(targetMib), obstacle);

    private void Note(Donor[] donors, params DonorStatus[] statuses)
    {
        fixture.Updates();
        fixture.Applies(book => new BookChange(book.WithProgress(donors, statuses, fixture.Now), []));
    }
}
