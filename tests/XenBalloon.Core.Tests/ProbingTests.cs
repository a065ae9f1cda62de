using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests;

/// <summary>The search for memory that guests count as used and do not use.</summary>
public sealed class ProbingTests
{
    private static readonly GuestVitals Quiet = new() { MemorySome = 0, IoSome = 0, SwapTotal = KiB.FromMiB(1024), SwapUsed = KiB.Zero };

    [Test]
    public void A_little_of_what_a_quiet_guest_uses_is_taken_now_and_then()
    {
        HostBuilder host = Starving();
        Probe(host, 100, Quiet);
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(835)));
    }

    [Test]
    public void Nothing_that_is_used_is_taken_unless_the_operator_wants_it()
    {
        HostBuilder host = Starving();
        host.Settings = host.Settings with { Probing = false };
        Probe(host, 100, Quiet);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(840)));
    }

    [Test]
    public void Nothing_that_is_used_is_taken_from_a_guest_without_swap()
    {
        HostBuilder host = Starving();
        Probe(host, 100, Quiet with { SwapTotal = KiB.Zero });
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(840)));
    }

    [Test]
    public void The_first_pain_ends_the_search_for_a_while()
    {
        HostBuilder host = Starving();
        Probe(host, 100, Quiet);
        KiB before = host[1].Target!.Value;
        host.Passes(1).Reports(1, 800, Quiet with { MemorySome = 0.05 }).Reports(2, 900).Act();
        Probe(host, 60, Quiet);
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(before));
    }

    private static HostBuilder Starving()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Settings = host.Settings with { Probing = true, PressToShare = false, IdleTax = 0 };
        return host;
    }

    private static void Probe(HostBuilder host, int seconds, GuestVitals vitals)
    {
        for (int i = 0; i < seconds; i++) host.Passes(1).Reports(1, 760, vitals).Reports(2, 900).Act();
    }
}
