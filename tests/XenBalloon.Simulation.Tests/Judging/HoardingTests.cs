using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

/// <summary>Hoarding on a full host of 4 GiB: 512 MiB for dom0, 64 MiB of slack, and two guests.</summary>
public sealed class HoardingTests
{
    private const double KiBSecondsPerMiBMinute = 1024 * 60;

    // From 10 s on it needs 1 GiB more than it has.
    private static readonly GuestDescription ShortGuest = VirtualHost.Guest("needy") with
    {
        StaticMax = KiB.FromMiB(4096),
        Anonymous = new StepLoad([new LoadPoint(TimeSpan.Zero, KiB.FromMiB(128)),
            new LoadPoint(TimeSpan.FromSeconds(10), KiB.FromMiB(1400))]),
        Swap = new SwapDescription { Size = KiB.FromMiB(4096) },
    };

    private static readonly GuestDescription Idle = VirtualHost.Guest("idle") with
    {
        BootMemory = KiB.FromMiB(2900),
        StaticMax = KiB.FromMiB(2900)
    };

    [Test]
    public void Idle_memory_beside_a_shortage_is_hoarding()
    {
        Hoarding hoarding = WithoutBalancing(Idle, ShortGuest);
        double lacked = Needed(ShortGuest).Value - KiB.FromMiB(512).Value;
        Assert.That(hoarding.ShortageKiBSeconds, Is.EqualTo(50 * lacked).Within(1).Percent);

        // Its report comes each second, and the balancer and the balloons get two seconds.
        Assert.That(hoarding.HoardedKiBSeconds, Is.EqualTo(47 * lacked).Within(1).Percent);
        Assert.That(hoarding.Fraction, Is.EqualTo(0.94).Within(0.01));
    }

    [Test]
    public void Policy_that_moves_memory_after_the_report_hoards_nothing()
    {
        var prompt = new ScriptedPolicy(snapshot => new PolicyDecision(
            snapshot.At < TimeSpan.FromSeconds(11) ? []
            : snapshot.At < TimeSpan.FromSeconds(12) ? [ScriptedPolicy.Target(snapshot, "idle", 1500)]
            : [ScriptedPolicy.MaxMem(snapshot, "needy", 1800), ScriptedPolicy.Target(snapshot, "needy", 1700)],
            TimeSpan.FromSeconds(0.5)));
        Assert.That(Run(prompt, Idle, ShortGuest),
            Has.Property("HoardedKiBSeconds").Zero.And.Property("ShortageKiBSeconds").Positive);
    }

    [Test]
    public void Free_memory_beyond_the_slack_is_hoarding()
    {
        Hoarding none = WithoutBalancing(ShortGuest with { StaticMax = KiB.FromMiB(2048) }, free: 64);
        Hoarding some = WithoutBalancing(ShortGuest with { StaticMax = KiB.FromMiB(2048) }, free: 64 + 100);
        Assert.That((none.HoardedKiBSeconds, some.HoardedKiBSeconds / KiBSecondsPerMiBMinute),
            Is.EqualTo((0, 100 * 47 / 60.0)).Within(1).Percent);
    }

    [Test]
    public void Memory_for_waiting_starts_is_not_idle()
    {
        GuestDescription waiting = VirtualHost.Guest("waiting") with
        {
            BootMemory = KiB.FromMiB(1024),
            CreatedAt = TimeSpan.FromSeconds(1),
            Patience = TimeSpan.FromMinutes(5),
        };
        Assert.That(Run(Idling.Policy, free: 64 + 500, ShortGuest, waiting).HoardedKiBSeconds, Is.Zero);
    }

    [Test]
    public void Following_a_growing_need_with_the_delay_of_a_report_is_not_hoarding()
    {
        GuestDescription growing = ShortGuest with
        {
            Anonymous = new RampLoad(
            [new LoadPoint(TimeSpan.Zero, KiB.FromMiB(128)),
                new LoadPoint(TimeSpan.FromMinutes(1), KiB.FromMiB(1328))])
        };

        // It grows by 20 MiB in each second, and gets them two seconds later.
        var follower = new ScriptedPolicy(snapshot => new PolicyDecision(
            [
                ScriptedPolicy.Target(snapshot, "idle", 2900 - (int)(20 * snapshot.At.TotalSeconds)),
                ScriptedPolicy.MaxMem(snapshot, "needy", 4096),
                ScriptedPolicy.Target(snapshot, "needy",
                    Math.Max(512, 240 + (int)(20 * (snapshot.At.TotalSeconds - 2)))),
            ],
            TimeSpan.FromSeconds(0.5)));
        Assert.That(Run(follower, Idle, growing).HoardedKiBSeconds, Is.Zero);
    }

    [TestCase("uses it")]
    [TestCase("has it as its minimum")]
    [TestCase("has no swap and booted with it")]
    [TestCase("does not move")]
    [TestCase("is silent")]
    [TestCase("lies")]
    [TestCase("reports rarely")]
    public void Memory_is_not_idle_in_these_guests(string excuse)
    {
        GuestDescription guest = excuse switch
        {
            "uses it" => Idle with { Anonymous = new ConstantLoad(KiB.FromMiB(2600)) },
            "has it as its minimum" => Idle with { Minimum = KiB.FromMiB(2900) },
            "has no swap and booted with it" => Idle with { Swap = SwapDescription.None },
            "does not move" => Idle with { Balloon = BalloonDescription.Stuck },
            "is silent" => Idle with { Reporting = ReportingDescription.Silent },
            "lies" => Idle with { Reporting = Idle.Reporting with { Habit = ReportHabit.ClaimsAllUsed } },
            _ => Idle with { Reporting = ReportingDescription.Default },
        };
        Assert.That(WithoutBalancing(guest, ShortGuest), Has.Property("HoardedKiBSeconds").Zero.And.Property(
            "ShortageKiBSeconds").Positive);
    }

    [TestCase("must not have it")]
    [TestCase("cannot take it")]
    [TestCase("takes it too slowly")]
    [TestCase("does not report")]
    [TestCase("needs it only for a moment")]
    public void No_shortage_is_counted_for_a_guest_that(string excuse)
    {
        GuestDescription guest = excuse switch
        {
            "must not have it" => ShortGuest with { Maximum = KiB.FromMiB(512) },
            "cannot take it" => ShortGuest with { Balloon = ShortGuest.Balloon with { Ceiling = KiB.FromMiB(512) } },
            "takes it too slowly" => ShortGuest with { Balloon = BalloonDescription.Slow },
            "does not report" => ShortGuest with { Reporting = ReportingDescription.Silent },
            _ => ShortGuest with
            {
                Anonymous = new StepLoad(
                [new(TimeSpan.Zero, KiB.FromMiB(128)), new(TimeSpan.FromSeconds(10), KiB.FromMiB(1400)),
                    new(TimeSpan.FromSeconds(12), KiB.FromMiB(128))])
            },
        };
        Assert.That(WithoutBalancing(Idle, guest).HoardedKiBSeconds, Is.Zero);
    }

    [Test]
    public void Killed_programs_count_as_shortage()
    {
        GuestDescription swapless = ShortGuest with { Swap = SwapDescription.None };
        Assert.That(WithoutBalancing(Idle, swapless).Fraction, Is.GreaterThan(0.9));
    }

    [Test]
    public void Tiny_shortage_has_no_hoarding_fraction()
    {
        Assert.That(new Hoarding(49 * KiBSecondsPerMiBMinute, KiBSecondsPerMiBMinute).Fraction, Is.Null);
        Assert.That(new Hoarding(50 * KiBSecondsPerMiBMinute, KiBSecondsPerMiBMinute).Fraction, Is.EqualTo(0.02));
    }

    private static KiB Needed(GuestDescription guest)
    {
        var recorder = new TimelineRecorder(TimeSpan.FromSeconds(20));
        SimulationRun.Run(VirtualHost.Hosting(guest), Idling.Policy, TimeSpan.FromSeconds(20), recorder);
        return recorder.Moments[^1].Guests[0]!.Needed;
    }

    private static Hoarding WithoutBalancing(params GuestDescription[] guests) => Run(Idling.Policy, guests);

    private static Hoarding WithoutBalancing(GuestDescription guest, int free) => Run(Idling.Policy, free, guest);

    private static Hoarding Run(IMemoryPolicy policy, params GuestDescription[] guests) =>
        Run(policy, free: 64, guests);

    private static Hoarding Run(IMemoryPolicy policy, int free, params GuestDescription[] guests)
    {
        KiB held = guests.Where(guest => guest.CreatedAt is null).Aggregate(KiB.FromMiB(512 + free),
            (sum, guest) => sum + guest.BootMemory);
        Scenario scenario = VirtualHost.Hosting(guests) with { HostTotal = held };
        return SimulationRun.Run(scenario, policy, TimeSpan.FromMinutes(1)).Hoarding;
    }

    private static class Idling
    {
        public static ScriptedPolicy Policy => new(_ => new PolicyDecision([], TimeSpan.FromHours(1)));
    }
}
