using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class GuestTrackerTests
{
    private static readonly DomainSnapshot Up = PeerDomains.Domain(1, "up", 600, 480, 0, 100, TimeSpan.Zero);
    private static readonly DomainSnapshot New =
        PeerDomains.Domain(2, "new", 600, 480, 0, 100, TimeSpan.Zero) with { Report = null };

    private static HostSnapshot Host(int second, params DomainSnapshot[] domains) =>
        new()
        {
            At = TimeSpan.FromSeconds(second),
            Total = KiB.FromMiB(4096),
            Free = KiB.FromMiB(1000),
            Domains = [.. domains],
        };

    [Test]
    public void New_guest_counts_as_booted_after_its_first_report_or_30_s()
    {
        var tracker = new GuestTracker(PeerRun.Crowded());
        PeerGuest first = tracker.Update(Host(0, Up with { Report = null })).Single();
        bool atOnce = tracker.Update(Host(1, Up, New))[1].HasBooted;
        bool silent = tracker.Update(Host(30, Up, New))[1].HasBooted;
        bool later = tracker.Update(Host(31, Up, New))[1].HasBooted;
        var other = new GuestTracker(PeerRun.Crowded());
        other.Update(Host(0, Up));
        other.Update(Host(1, Up, New));
        bool reporting = other.Update(Host(2, Up, New with { Report = Up.Report }))[1].HasBooted;
        Assert.That((first.HasBooted, atOnce, silent, later, reporting), Is.EqualTo((true, false, false, true, true)));
    }

    [Test]
    public void Report_refers_to_the_size_at_its_arrival()
    {
        var tracker = new GuestTracker(PeerRun.Crowded());
        tracker.Update(Host(0, Up));
        KiB same = tracker.Update(Host(1, Up with { Actual = KiB.FromMiB(400) }))[0].ReportedSize;
        GuestReport newer = Up.Report! with { ReceivedAt = TimeSpan.FromSeconds(2) };
        KiB next = tracker.Update(Host(2, Up with { Actual = KiB.FromMiB(400), Report = newer }))[0].ReportedSize;
        Assert.That((same, next), Is.EqualTo((KiB.FromMiB(600), KiB.FromMiB(400))));
    }

    [Test]
    public void Offset_is_measured_in_the_first_snapshot()
    {
        var tracker = new GuestTracker(PeerRun.Crowded());
        tracker.Update(Host(0, Up with { Actual = KiB.FromMiB(603) }));
        PeerGuest guest =
            tracker.Update(Host(1, Up with { Actual = KiB.FromMiB(503), Target = KiB.FromMiB(400) })).Single();
        Assert.That((guest.Offset, guest.Actual), Is.EqualTo((KiB.FromMiB(3), KiB.FromMiB(500))));
    }

    [Test]
    public void Refused_start_is_retried_after_ten_seconds()
    {
        var retries = new StartRetries();
        var start = PeerRun.Start("third", 700);
        retries.OnRefused(start, TimeSpan.FromSeconds(5));
        Assert.Multiple(() =>
        {
            Assert.That(retries.IsDue(start, TimeSpan.FromSeconds(14.9)), Is.False);
            Assert.That(retries.IsDue(start, TimeSpan.FromSeconds(15)), Is.True);
            Assert.That(retries.IsDue(PeerRun.Start("fourth", 700), TimeSpan.FromSeconds(6)), Is.True);
        });
    }
}
