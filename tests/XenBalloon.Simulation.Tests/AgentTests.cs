using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>How our own agent reports, and agents that report nonsense.</summary>
public sealed class AgentTests
{
    private static readonly ReportingDescription Hourly = new() { Source = ReportSource.Agent, Interval = TimeSpan.FromHours(1) };

    [TestCase(ReportSource.XenServer, false)]
    [TestCase(ReportSource.Qubes, false)]
    [TestCase(ReportSource.Agent, true)]
    public void Only_our_own_agent_tells_of_its_kernel(ReportSource source, bool tells)
    {
        using var host = Reporting(new ReportingDescription { Source = source, Interval = TimeSpan.FromSeconds(1) });
        host.Run(2);
        Assert.That(host.Domain().Report!.Vitals, tells ? Is.Not.Null : Is.Null);
    }

    [Test]
    public void What_the_kernel_shows_adds_up()
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
    public void Our_agent_tells_at_once_when_waiting_begins()
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
    public void Other_agents_wait_for_their_time()
    {
        using var host = Reporting(Hourly with { Source = ReportSource.XenServer }, Growing(600));
        host.Run(60);
        Assert.That(host.Domain().Report, Is.Null);
    }

    [Test]
    public void Our_agent_tells_when_it_starts_and_at_once_when_more_is_used_and_is_silent_then()
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
    public void Our_agent_tells_three_times_a_second_at_first_and_then_once_while_waiting_lasts(double delay, int waited, int least, int most)
    {
        using var host = Reporting(Hourly with { Delay = TimeSpan.FromSeconds(delay) }, Growing(600));
        host.Run(4.9 + waited);
        Assert.That(Collect(host, seconds: waited == 0 ? 3 : 10), Has.Count.InRange(least, most));
    }

    [Test]
    public void Our_agent_tells_of_what_came_free_too()
    {
        StepLoad falling = new([new LoadPoint(TimeSpan.Zero, KiB.FromMiB(300)), new LoadPoint(TimeSpan.FromSeconds(5), KiB.FromMiB(100))]);
        using var host = Reporting(Hourly, falling);
        host.Run(4.9);
        KiB before = host.Domain().Report!.Used;
        host.Run(2);
        Assert.That(host.Domain().Report!.Used, Is.LessThan(before - KiB.FromMiB(150)));
    }

    [Test]
    public void An_agent_says_nothing_before_it_starts_even_in_need()
    {
        using var host = Reporting(Hourly with { Interval = TimeSpan.FromSeconds(1), StartsAt = TimeSpan.FromSeconds(30) }, Growing(600));
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
    public void An_agent_that_has_stopped_says_nothing_even_in_need()
    {
        using var host = Reporting(Hourly with { Interval = TimeSpan.FromSeconds(1), StopsAt = TimeSpan.FromSeconds(3) }, Growing(600));
        host.Run(60);
        Assert.That(host.Domain().Report!.ReceivedAt, Is.LessThan(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public void A_flooding_guest_reports_as_often_as_it_can()
    {
        using var host = Reporting(ReportingDescription.Default with { Habit = ReportHabit.Flooding });
        host.Run(1);
        Assert.That(Collect(host, seconds: 10), Has.Count.EqualTo(100));
    }

    [Test]
    public void A_guest_that_reports_junk_says_anything_each_time_anew()
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
    public void A_liar_with_our_agent_lies_of_its_kernel_too(ReportHabit habit, double pressure)
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

    private static StepLoad Growing(int mib) => new([new LoadPoint(TimeSpan.Zero, KiB.FromMiB(128)), new LoadPoint(TimeSpan.FromSeconds(5), KiB.FromMiB(mib))]);

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
