using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Guests;

/// <summary>XenBalloon's agent, and agents with false reports.</summary>
public sealed class GuestAgentTests
{
    private static readonly ReportingDescription Hourly =
        new() { Source = ReportSource.Agent, Interval = TimeSpan.FromHours(1) };

    [TestCase(ReportSource.XenServer, false)]
    [TestCase(ReportSource.Qubes, false)]
    [TestCase(ReportSource.Agent, true)]
    public void Only_our_agent_reports_kernel_statistics(ReportSource source, bool hasVitals)
    {
        using var host = Reporting(new ReportingDescription { Source = source, Interval = TimeSpan.FromSeconds(1) });
        host.Run(2);
        Assert.That(host.Domain().Report!.Vitals, hasVitals ? Is.Not.Null : Is.Null);
    }

    [Test]
    public void Reported_kinds_of_memory_add_up_to_the_total()
    {
        using var host = Reporting(Hourly with { Interval = TimeSpan.FromSeconds(1) });
        host.Run(2);
        GuestReport report = host.Domain().Report!;
        GuestVitals vitals = report.Vitals!;
        Assert.Multiple(() =>
        {
            Assert.That(vitals.Free + vitals.Anonymous + vitals.FileCache + vitals.Shared, Is.EqualTo(report.Total));
            Assert.That(vitals.Free, Is.InRange(KiB.FromMiB(4), KiB.FromMiB(5)));
        });
    }

    [Test]
    public void Our_agent_reports_at_once_when_programs_wait_for_memory()
    {
        using var host = Reporting(Hourly, Growing(600));
        host.Run(4.9);
        GuestReport? before = host.Domain().Report;
        host.Run(1);
        Assert.Multiple(() =>
        {
            Assert.That(before!.Vitals!.MemorySomeTotal, Is.EqualTo(TimeSpan.Zero));
            Assert.That(host.Domain().Report!.Vitals!.MemorySomeTotal, Is.GreaterThan(TimeSpan.Zero));
        });
    }

    [Test]
    public void Other_agents_report_only_at_their_interval()
    {
        using var host = Reporting(Hourly with { Source = ReportSource.XenServer }, Growing(600));
        host.Run(60);
        Assert.That(host.Domain().Report, Is.Null);
    }

    [Test]
    public void Our_agent_reports_at_start_and_when_use_grows_and_not_while_nothing_changes()
    {
        using var host = Reporting(Hourly, Growing(435));
        List<GuestReport> reports = Collect(host, seconds: 60);
        Assert.Multiple(() =>
        {
            Assert.That(reports[0].ReceivedAt, Is.LessThan(TimeSpan.FromSeconds(1)));
            Assert.That(reports, Has.Count.InRange(2, 9));
            Assert.That(reports[^1].ReceivedAt, Is.LessThan(TimeSpan.FromSeconds(7)));
            Assert.That(reports[^1].Available, Is.LessThan(KiB.FromMiB(17)));
        });
    }

    [TestCase(0, 0, 9, 10)]
    [TestCase(0, 10, 9, 11)]
    [TestCase(0.9, 0, 3, 4)]
    [TestCase(0.9, 10, 9, 11)]
    public void Early_reports_are_limited_to_eight_in_a_row_and_then_one_a_second(
        double delay, int waited, int least, int most)
    {
        using var host = Reporting(Hourly with { Delay = TimeSpan.FromSeconds(delay) }, Growing(600));
        host.Run(4.9 + waited);
        Assert.That(Collect(host, seconds: waited == 0 ? 3 : 10), Has.Count.InRange(least, most));
    }

    [Test]
    public void Our_agent_reports_freed_memory()
    {
        StepLoad falling = new(
            [new LoadPoint(TimeSpan.Zero, KiB.FromMiB(300)), new LoadPoint(TimeSpan.FromSeconds(5), KiB.FromMiB(100))]);
        using var host = Reporting(Hourly, falling);
        host.Run(4.9);
        KiB before = host.Domain().Report!.Used;
        host.Run(2);
        Assert.That(host.Domain().Report!.Used, Is.LessThan(before - KiB.FromMiB(150)));
    }

    [Test]
    public void Agent_does_not_report_before_its_start_even_in_a_shortage()
    {
        using var host = Reporting(
            Hourly with { Interval = TimeSpan.FromSeconds(1), StartsAt = TimeSpan.FromSeconds(30) }, Growing(600));
        host.Run(29.9);
        GuestReport? before = host.Domain().Report;
        host.Run(2);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.Null);
            Assert.That(host.Domain().Report, Is.Not.Null);
        });
    }

    [Test]
    public void Agent_does_not_report_after_its_stop_even_in_a_shortage()
    {
        using var host = Reporting(
            Hourly with { Interval = TimeSpan.FromSeconds(1), StopsAt = TimeSpan.FromSeconds(3) }, Growing(600));
        host.Run(60);
        Assert.That(host.Domain().Report!.ReceivedAt, Is.LessThan(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public void Flooding_guest_reports_every_tick()
    {
        using var host = Reporting(ReportingDescription.Default with { Habit = ReportHabit.Flooding });
        host.Run(1);
        Assert.That(Collect(host, seconds: 10), Has.Count.EqualTo(100));
    }

    [Test]
    public void Junk_reports_are_random_and_differ()
    {
        using var host = Reporting(Hourly with { Interval = TimeSpan.FromSeconds(1), Habit = ReportHabit.Junk });
        List<GuestReport> reports = Collect(host, seconds: 60);
        var most = new KiB(1L << 40);
        Assert.Multiple(() =>
        {
            Assert.That(reports, Has.Count.EqualTo(60));
            Assert.That(reports.Select(report => report.Total), Is.Unique.And.All.InRange(KiB.Zero, most));
            Assert.That(reports.Select(report => report.Used), Is.Unique.And.All.InRange(KiB.Zero, most));
            Assert.That(reports.Select(report => report.Available), Is.All.GreaterThanOrEqualTo(KiB.Zero));
            Assert.That(reports.Select(report => report.Vitals!.Committed), Is.Unique.And.All.InRange(KiB.Zero, most));
            Assert.That(reports.Select(report => report.Vitals!.MemorySome), Is.Unique.And.All.InRange(0, 1));
            Assert.That(reports.Max(report => report.Total!.Value.Value), Is.GreaterThan(1L << 38));
        });
    }

    [TestCase(ReportHabit.ClaimsAllUsed, 1)]
    [TestCase(ReportHabit.ClaimsNothingUsed, 0)]
    public void False_reports_of_our_agent_include_false_kernel_statistics(ReportHabit habit, double pressure)
    {
        using var host = Reporting(Hourly with { Interval = TimeSpan.FromSeconds(1), Habit = habit });
        host.Run(2);
        GuestReport report = host.Domain().Report!;
        Assert.Multiple(() =>
        {
            Assert.That(report.Vitals!.MemorySome, Is.EqualTo(pressure));
            Assert.That(report.Vitals.Free, Is.EqualTo(report.Available));
        });
    }

    private static StepLoad Growing(int mib) =>
        new([new LoadPoint(TimeSpan.Zero, KiB.FromMiB(128)), new LoadPoint(TimeSpan.FromSeconds(5), KiB.FromMiB(mib))]);

    private static VirtualHost Reporting(ReportingDescription reporting, Load? anonymous = null)
    {
        GuestDescription guest = VirtualHost.Guest();
        return new VirtualHost(guest with { Reporting = reporting, Anonymous = anonymous ?? guest.Anonymous });
    }

    private static List<GuestReport> Collect(VirtualHost host, int seconds)
    {
        List<GuestReport> reports = [];
        GuestReport? last = host.Domain().Report;
        for (int tenth = 0; tenth < 10 * seconds; tenth++)
        {
            host.Run(0.1);
            if (host.Domain().Report is not { } report || report.ReceivedAt == last?.ReceivedAt) continue;
            reports.Add(report);
            last = report;
        }

        return reports;
    }
}

public sealed class ReportTests
{
    [Test]
    public void Reported_total_is_below_the_memory_of_the_domain_and_includes_the_used_memory()
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
    public void Qubes_report_has_no_total()
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
    public void Report_times_are_unique_and_never_in_the_future()
    {
        using var host =
            new VirtualHost([.. Enumerable.Range(0, 12).Select(number => VirtualHost.Guest($"guest{number}"))]);
        var seen = new Dictionary<TimeSpan, int>();
        for (int snapshots = 0; snapshots < 50; snapshots++)
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
    public void Reports_arrive_at_their_interval()
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
    public void Delayed_report_shows_an_earlier_state()
    {
        var reporting =
            new ReportingDescription { Interval = TimeSpan.FromSeconds(10), Delay = TimeSpan.FromSeconds(9) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(10);
        host.Resize(1000);
        host.Run(0.5);
        GuestReport? before = host.Domain().Report;
        while (host.Domain().Report == before) host.Run(0.1);
        KiB reported = host.Domain().Report!.Total!.Value;
        host.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(reported, Is.LessThan(KiB.FromMiB(512)));
            Assert.That(host.Domain().Report!.Total, Is.GreaterThan(KiB.FromMiB(900)));
        });
    }

    [Test]
    public void Reports_before_the_first_snapshot_are_dropped()
    {
        var reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(60) };
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var host =
            new SimulatedHost(VirtualHost.Hosting(VirtualHost.Guest() with { Reporting = reporting }), clock);
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
    public void Silent_guest_does_not_report()
    {
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = ReportingDescription.Silent });
        host.Run(3600);
        Assert.That(host.Domain().Report, Is.Null);
    }

    [Test]
    public void Guest_does_not_report_after_its_stop_time()
    {
        var reporting =
            new ReportingDescription { Interval = TimeSpan.FromSeconds(1), StopsAt = TimeSpan.FromSeconds(10) };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(3600);
        Assert.That(
            host.Domain().Report!.ReceivedAt,
            Is.LessThan(TimeSpan.FromSeconds(10)).And.GreaterThan(TimeSpan.FromSeconds(8)));
    }

    [Test]
    public void Fixed_total_does_not_move_with_the_balloon_but_the_used_memory_does()
    {
        var reporting =
            new ReportingDescription { Interval = TimeSpan.FromSeconds(1), Habit = ReportHabit.FixedTotal };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(2);
        GuestReport before = host.Domain().Report!;
        host.Resize(400);
        host.Run(20);
        GuestReport after = host.Domain().Report!;
        Assert.That(
            (after.Total, after.Used), Is.EqualTo((before.Total, before.Used + KiB.FromMiB(512 - 400))));
    }

    [TestCase(ReportHabit.ClaimsAllUsed, true)]
    [TestCase(ReportHabit.ClaimsNothingUsed, false)]
    public void False_reports_claim_all_or_nothing(ReportHabit habit, bool claimsAll)
    {
        var reporting = new ReportingDescription { Interval = TimeSpan.FromSeconds(1), Habit = habit };
        using var host = new VirtualHost(VirtualHost.Guest() with { Reporting = reporting });
        host.Run(2);
        GuestReport report = host.Domain().Report!;
        Assert.That(report.Used, Is.EqualTo(claimsAll ? report.Total!.Value : KiB.Zero));
    }
}
