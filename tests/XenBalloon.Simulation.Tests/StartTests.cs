using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class StartTests
{
    private static readonly GuestDescription Newcomer = VirtualHost.Guest("newcomer") with
    {
        CreatedAt = TimeSpan.FromSeconds(10),
        Patience = TimeSpan.FromSeconds(60),
    };

    [TestCase(0, true)]
    [TestCase(4, false)]
    public void A_patient_start_waits_and_happens_as_soon_as_its_memory_and_its_offset_are_free(int lackingKiB, bool starts)
    {
        using VirtualHost host = Crowded(Newcomer with { Offset = KiB.FromMiB(12) + new KiB(lackingKiB) });
        host.Run(30);
        GuestStart waiting = Starts(host).Single();
        MakeRoom(host);
        host.Run(2);
        GuestStart start = Starts(host).Single();
        Assert.Multiple(() =>
        {
            Assert.That(waiting, Is.EqualTo(new GuestStart("newcomer", TimeSpan.FromSeconds(10))));
            Assert.That(host.Find("newcomer") is not null, Is.EqualTo(starts));
            Assert.That(start.RequestedAt, Is.EqualTo(TimeSpan.FromSeconds(10)));
            Assert.That(start.CreatedAt, starts ? Is.EqualTo(TimeSpan.FromSeconds(30.5)).Within(TimeSpan.FromSeconds(0.5)) : Is.Null);
            Assert.That(start.GivenUpAt, Is.Null);
            Assert.That(host.Host.Report().Host.FailedStarts, Is.Zero);
        });
    }

    [Test]
    public void Who_has_waited_for_longer_than_he_has_patience_gives_up()
    {
        using VirtualHost host = Crowded(Newcomer);
        host.Run(69.9);
        int before = host.Host.Report().Host.FailedStarts;
        host.Run(0.1);
        MakeRoom(host);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.Zero);
            Assert.That(host.Host.Report().Host.FailedStarts, Is.EqualTo(1));
            Assert.That(Starts(host), Is.EqualTo([new GuestStart("newcomer", TimeSpan.FromSeconds(10), GivenUpAt: TimeSpan.FromSeconds(70))]));
            Assert.That(host.Find("newcomer"), Is.Null);
        });
    }

    [Test]
    public void A_start_that_does_not_fit_does_not_hold_up_a_later_smaller_one()
    {
        using VirtualHost host = Crowded(
            Newcomer with { Name = "large", BootMemory = KiB.FromMiB(2048) },
            Newcomer with { Name = "small", CreatedAt = TimeSpan.FromSeconds(12), BootMemory = KiB.FromMiB(128) });
        host.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(host.Find("large"), Is.Null);
            Assert.That(host.Find("small"), Is.Not.Null);
        });
    }

    [Test]
    public void Of_starts_that_fit_one_by_one_but_not_together_the_one_asked_for_first_happens()
    {
        using VirtualHost host = Crowded(
            Newcomer with { Name = "second", CreatedAt = TimeSpan.FromSeconds(12) },
            Newcomer with { Name = "first", CreatedAt = TimeSpan.FromSeconds(11) });
        host.Run(20);
        MakeRoom(host);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(host.Find("first"), Is.Not.Null);
            Assert.That(host.Find("second"), Is.Null);
            Assert.That(Starts(host).Select(start => start.Name), Is.EqualTo(["first", "second"]));
        });
    }

    [Test]
    public void Whoever_watches_is_told_when_a_request_comes_and_when_it_goes()
    {
        using VirtualHost host = Crowded(Newcomer with { Patience = TimeSpan.FromSeconds(5) });
        Assert.Multiple(() =>
        {
            Assert.That(IsTold(host, 9.9), Is.False);
            Assert.That(IsTold(host, 0.2), Is.True);
            Assert.That(IsTold(host, 4.8), Is.False);
            Assert.That(IsTold(host, 0.2), Is.True);
        });
    }

    private static bool IsTold(VirtualHost host, double seconds)
    {
        host.Host.Observe();
        Task change = host.Host.WaitForChangeAsync(CancellationToken.None);
        host.Run(seconds);
        return change.IsCompleted;
    }

    // 256 MiB are free beside a mute guest of 1 GiB.
    private static VirtualHost Crowded(params GuestDescription[] newcomers)
    {
        GuestDescription holder = VirtualHost.Guest("holder") with { BootMemory = KiB.FromMiB(1024), Reporting = ReportingDescription.Silent };
        return new VirtualHost(VirtualHost.Hosting([holder, .. newcomers]) with { HostTotal = KiB.FromMiB(512 + 1024 + 256) });
    }

    // Leaves 524 MiB free: a guest of 512 MiB and 12 MiB more.
    private static void MakeRoom(VirtualHost host) => host.Order(HostCommandKind.SetTarget, 1024 + 256 - 524, "holder");

    private static ImmutableArray<GuestStart> Starts(VirtualHost host) => host.Host.Report().Host.Starts;
}
