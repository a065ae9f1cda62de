using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class ReportTests
{
    [Test]
    public void A_report_has_a_total_below_what_the_hypervisor_holds_and_what_is_used_within_it()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        host.Run(2);
        DomainSnapshot domain = host.Domain();
        Assert.Multiple(() =>
        {
            Assert.That(domain.Report!.Total, Is.LessThan(domain.Actual));
            Assert.That(domain.Report.Used, Is.GreaterThanOrEqualTo(KiB.FromMiB(128)).And.LessThan(KiB.FromMiB(140)));
            Assert.That(domain.Report.Available, Is.EqualTo(domain.Report.Total - domain.Report.Used));
        });
    }

    [Test]
    public void A_Qubes_report_has_no_total()
    {
        var reporting = new ReportingDescription { Source = ReportSource.Qubes, Interval = TimeSpan.FromSeconds(1) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(2);
        GuestReport report = host.Domain().Report!;
        Assert.Multiple(() =>
        {
            Assert.That(report.Source, Is.EqualTo(ReportSource.Qubes));
            Assert.That(report.Total, Is.Null);
            Assert.That(report.Used, Is.GreaterThanOrEqualTo(KiB.FromMiB(128)));
        });
    }

    [Test]
    public void No_two_reports_have_the_same_time_and_none_is_from_the_future()
    {
        using var host = new VirtualHost([.. Enumerable.Range(0, 12).Select(number => VirtualHost.Guest($"guest{number}"))]);
        var seen = new Dictionary<TimeSpan, int>();
        for (int look = 0; look < 50; look++)
        {
            host.Run(0.1);
            HostSnapshot snapshot = host.Host.Observe();
            foreach (DomainSnapshot domain in snapshot.Domains.Where(domain => domain.Report is not null))
            {
                TimeSpan at = domain.Report!.ReceivedAt;
                seen.TryAdd(at, domain.Identity.Domid);
                Assert.That(seen[at], Is.EqualTo(domain.Identity.Domid));
                Assert.That(at, Is.LessThanOrEqualTo(snapshot.At));
            }
        }

        Assert.That(seen, Has.Count.InRange(12 * 4, 12 * 6));
    }

    [Test]
    public void Reports_come_at_their_interval()
    {
        var reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(7) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        var times = new HashSet<TimeSpan>();
        for (int tenth = 0; tenth < 10 * 71; tenth++)
        {
            host.Run(0.1);
            if (host.Domain().Report is { } report) times.Add(report.ReceivedAt);
        }

        Assert.That(times, Has.Count.InRange(10, 11));
    }

    [Test]
    public void A_delayed_report_tells_of_the_past()
    {
        var reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(10), Delay = TimeSpan.FromSeconds(9) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(10);
        host.Resize(1000);
        host.Run(0.5);
        GuestReport? before = host.Domain().Report;
        while (host.Domain().Report == before) host.Run(0.1);
        KiB told = host.Domain().Report!.Total!.Value;
        host.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(told, Is.LessThan(KiB.FromMiB(512)));
            Assert.That(host.Domain().Report!.Total, Is.GreaterThan(KiB.FromMiB(900)));
        });
    }

    [Test]
    public void What_was_reported_before_anybody_listened_is_of_unknown_age_and_is_not_told()
    {
        var reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(60) };
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var host = new SimulatedHost(VirtualHost.Hosting(VirtualHost.Guest() with { Reporting = reporting }), clock);
        clock.Advance(TimeSpan.FromSeconds(3600));
        GuestReport? first = host.Observe().Domains[1].Report;
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Multiple(() =>
        {
            Assert.That(first, Is.Null);
            Assert.That(host.Observe().Domains[1].Report, Is.Not.Null);
        });
    }

    [Test]
    public void A_silent_guest_reports_nothing()
    {
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = ReportingDescription.Silent });
        host.Run(3600);
        Assert.That(host.Domain().Report, Is.Null);
    }

    [Test]
    public void A_stale_guest_reports_nothing_new_after_it_has_stopped()
    {
        var reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(1), StopsAt = TimeSpan.FromSeconds(10) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(3600);
        Assert.That(host.Domain().Report!.ReceivedAt, Is.LessThan(TimeSpan.FromSeconds(10)).And.GreaterThan(TimeSpan.FromSeconds(8)));
    }

    [TestCase(ReportHabit.ClaimsAllUsed, true)]
    [TestCase(ReportHabit.ClaimsNothingUsed, false)]
    public void A_liar_claims_what_it_likes(ReportHabit habit, bool claimsAll)
    {
        var reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(1), Habit = habit };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(2);
        GuestReport report = host.Domain().Report!;
        Assert.That(report.Used, Is.EqualTo(claimsAll ? report.Total!.Value : KiB.Zero));
    }
}
