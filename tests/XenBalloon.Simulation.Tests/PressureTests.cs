using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>The model must be able to show harm, or else it proves nothing when it shows none.</summary>
public sealed class PressureTests
{
    private static readonly GuestDescription Busy = VirtualHost.Guest() with { Anonymous = new ConstantLoad(KiB.FromMiB(300)) };

    [Test]
    public void A_guest_with_what_it_uses_neither_swaps_nor_waits()
    {
        using var host = new VirtualHost(Busy);
        host.Run(600);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(outcome.SwapFaults, Is.Zero);
            Assert.That(outcome.Stalled, Is.EqualTo(TimeSpan.Zero));
            Assert.That(outcome.Worked, Is.EqualTo(TimeSpan.FromSeconds(600)));
            Assert.That(outcome.Resident, Is.EqualTo(KiB.FromMiB(300)));
        });
    }

    [Test]
    public void A_guest_squeezed_below_its_use_swaps_and_is_slowed_down()
    {
        using var host = new VirtualHost(Busy);
        host.Resize(300);
        host.Run(60);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(outcome.Swapped, Is.GreaterThan(KiB.FromMiB(50)));
            Assert.That(outcome.SwapFaults, Is.Positive);
            Assert.That(outcome.Stalled, Is.GreaterThan(TimeSpan.FromSeconds(5)));
            Assert.That(outcome.OomKills, Is.Zero);
        });
    }

    [Test]
    public void What_it_swapped_comes_back_once_it_has_room_again()
    {
        using var host = new VirtualHost(Busy);
        host.Resize(300);
        host.Run(60);
        host.Resize(600);
        host.Run(120);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().Swapped, Is.EqualTo(KiB.Zero));
            Assert.That(host.Outcome().Resident, Is.EqualTo(KiB.FromMiB(300)));
        });
    }

    [Test]
    public void A_guest_squeezed_below_its_use_and_its_swap_has_its_programs_killed()
    {
        using var host = new VirtualHost(Busy with { Swap = new SwapDescription { Size = KiB.FromMiB(64) } });
        host.Resize(300);
        host.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
            Assert.That(host.Find("guest"), Is.Not.Null);
        });
    }

    [Test]
    public void A_guest_squeezed_to_nothing_panics_and_is_gone()
    {
        using var host = new VirtualHost(Busy with { Swap = SwapDescription.None });
        host.Resize(60);
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().Panics, Is.EqualTo(1));
            Assert.That(host.Outcome().Present, Is.False);
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.FromMiB(8192 - 512)));
        });
    }

    [Test]
    public void A_load_that_outgrows_memory_and_swap_is_killed_and_comes_back_later()
    {
        var load = new StepLoad([new LoadPoint(TimeSpan.Zero, KiB.FromMiB(100)), new LoadPoint(TimeSpan.FromSeconds(10), KiB.FromMiB(600))]);
        using var host = new VirtualHost(VirtualHost.Guest() with { Anonymous = load, Swap = SwapDescription.None });
        host.Run(20);
        GuestOutcome killed = host.Outcome();
        host.Resize(1000);
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(killed.OomKills, Is.EqualTo(1));
            Assert.That(killed.Resident, Is.LessThan(KiB.FromMiB(100)));
            Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
            Assert.That(host.Outcome().Resident, Is.EqualTo(KiB.FromMiB(600)));
        });
    }

    [Test]
    public void Files_that_no_longer_fit_into_the_cache_are_read_again()
    {
        GuestDescription reading = Busy with { Files = new ConstantLoad(KiB.FromMiB(100)) };
        using var roomy = new VirtualHost(reading);
        using var tight = new VirtualHost(reading);
        tight.Resize(400);
        roomy.Run(60);
        tight.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(roomy.Outcome().FileFaults, Is.Zero);
            Assert.That(tight.Outcome().FileFaults, Is.Positive);
            Assert.That(tight.Outcome().Swapped, Is.EqualTo(KiB.Zero));
        });
    }

    [Test]
    public void An_operators_blind_mem_set_does_the_same_harm()
    {
        var memSet = new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.SetTarget, KiB.FromMiB(200));
        using var host = new VirtualHost(Busy with { Swap = SwapDescription.None, Events = [memSet] });
        host.Run(4);
        KiB before = host.Domain().Target!.Value;
        host.Run(6);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(200)));
            Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
            Assert.That(host.Outcome().TargetsWritten, Is.Zero);
        });
    }
}
