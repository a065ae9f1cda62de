using Microsoft.Extensions.Hosting.Systemd;
using NSubstitute;
using XenBalloon.Daemon.Loop;

namespace XenBalloon.Daemon.Tests.Loop;

/// <summary>What systemd is told.</summary>
internal sealed class ServiceNotifierTests
{
    [TestCase("30000000", null, 15_000)]
    [TestCase("1", null, 10)]
    [TestCase("18446744073709551615", null, 3_600_000)]
    [TestCase("0", null, null)]
    [TestCase("soon", null, null)]
    [TestCase(null, null, null)]
    [TestCase("30000000", "1", null)]
    public void Watchdog_is_notified_twice_in_its_period(string? period, string? process, int? milliseconds) =>
        Assert.That(ServiceNotifier.ParseWatchdog(period, process)?.TotalMilliseconds, Is.EqualTo(milliseconds));

    [Test]
    public void Status_that_is_unchanged_is_sent_only_when_the_watchdog_needs_it()
    {
        var time = Substitute.For<TimeProvider>();
        time.TimestampFrequency.Returns(1000);
        var systemd = Substitute.For<ISystemdNotifier>();
        var notifier = new ServiceNotifier(time, systemd) { WatchdogInterval = TimeSpan.FromSeconds(15) };

        notifier.Alive("6 domains");
        time.GetTimestamp().Returns(7000);
        notifier.Alive("6 domains");
        Assert.That(systemd.ReceivedCalls().Count(), Is.EqualTo(1));

        notifier.Alive("7 domains");
        Assert.That(systemd.ReceivedCalls().Count(), Is.EqualTo(2));

        time.GetTimestamp().Returns(15_000);
        notifier.Alive("7 domains");
        Assert.That(systemd.ReceivedCalls().Count(), Is.EqualTo(3));
    }
}
