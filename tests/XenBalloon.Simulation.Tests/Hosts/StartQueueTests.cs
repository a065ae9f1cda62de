using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Hosts;

public sealed class StartQueueTests
{
    private static readonly GuestDescription Newcomer = VirtualHost.Guest("newcomer") with
    {
        CreatedAt = TimeSpan.FromSeconds(10),
        Patience = TimeSpan.FromSeconds(60),
    };

    [TestCase(0, true)]
    [TestCase(4, false)]
    public void Start_with_patience_waits_until_its_memory_and_offset_are_free(int lackingKiB, bool starts)
    {
        using VirtualHost host = Crowded(Newcomer with { Offset = KiB.FromMiB(12) + new KiB(lackingKiB) });
        host.Run(30);
        GuestStart waiting = Starts(host).Single();
        FreeMemory(host);
        host.Run(2);
        GuestStart start = Starts(host).Single();
        Assert.Multiple(() =>
        {
            Assert.That(waiting, Is.EqualTo(new GuestStart("newcomer", TimeSpan.FromSeconds(10))));
            Assert.That(host.Find("newcomer") is not null, Is.EqualTo(starts));
            Assert.That(start.RequestedAt, Is.EqualTo(TimeSpan.FromSeconds(10)));
            Assert.That(
                start.CreatedAt,
                starts ? Is.EqualTo(TimeSpan.FromSeconds(30.5)).Within(TimeSpan.FromSeconds(0.5)) : Is.Null);
            Assert.That(start.GivenUpAt, Is.Null);
            Assert.That(host.Host.Report().Host.FailedStarts, Is.Zero);
        });
    }

    [Test]
    public void Start_fails_when_its_patience_ends()
    {
        using VirtualHost host = Crowded(Newcomer);
        host.Run(69.9);
        int before = host.Host.Report().Host.FailedStarts;
        host.Run(0.1);
        FreeMemory(host);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.Zero);
            Assert.That(host.Host.Report().Host.FailedStarts, Is.EqualTo(1));
            Assert.That(Starts(host), Is.EqualTo(new[]
            {
                new GuestStart("newcomer", TimeSpan.FromSeconds(10), GivenUpAt: TimeSpan.FromSeconds(70)),
            }));
            Assert.That(host.Find("newcomer"), Is.Null);
        });
    }

    [Test]
    public void Start_that_does_not_fit_does_not_block_a_smaller_one()
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
    public void First_of_two_waiting_starts_gets_the_memory()
    {
        using VirtualHost host = Crowded(
            Newcomer with { Name = "second", CreatedAt = TimeSpan.FromSeconds(12) },
            Newcomer with { Name = "first", CreatedAt = TimeSpan.FromSeconds(11) });
        host.Run(20);
        FreeMemory(host);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(host.Find("first"), Is.Not.Null);
            Assert.That(host.Find("second"), Is.Null);
            Assert.That(Starts(host).Select(start => start.Name), Is.EqualTo(["first", "second"]));
        });
    }

    [Test]
    public void Request_and_end_of_a_start_complete_a_wait()
    {
        using VirtualHost host = Crowded(Newcomer with { Patience = TimeSpan.FromSeconds(5) });
        Assert.Multiple(() =>
        {
            Assert.That(Completes(host, 9.9), Is.False);
            Assert.That(Completes(host, 0.2), Is.True);
            Assert.That(Completes(host, 4.8), Is.False);
            Assert.That(Completes(host, 0.2), Is.True);
        });
    }

    private static bool Completes(VirtualHost host, double seconds)
    {
        host.Host.Observe();
        Task change = host.Host.WaitForChangeAsync(CancellationToken.None);
        host.Run(seconds);
        return change.IsCompleted;
    }

    // 256 MiB are free beside a silent guest of 1 GiB.
    private static VirtualHost Crowded(params GuestDescription[] newcomers)
    {
        GuestDescription holder = VirtualHost.Guest("holder") with
        {
            BootMemory = KiB.FromMiB(1024),
            Reporting = ReportingDescription.Silent,
        };
        return new VirtualHost(
            VirtualHost.Hosting([holder, .. newcomers]) with { HostTotal = KiB.FromMiB(512 + 1024 + 256) });
    }

    // Leaves 524 MiB free, enough for a guest of 512 MiB and an offset of 12 MiB.
    private static void FreeMemory(VirtualHost host) =>
        host.Order(HostCommandKind.SetTarget, 1024 + 256 - 524, "holder");

    private static ImmutableArray<GuestStart> Starts(VirtualHost host) => host.Host.Report().Host.Starts;
}
