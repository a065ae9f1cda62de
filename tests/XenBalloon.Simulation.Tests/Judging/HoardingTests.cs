using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

/// <summary>
/// What counts as hoarding, on a host of 4 GiB that is full: 512 MiB for dom0, 64 of slack, and two guests.
/// </summary>
public sealed class HoardingTests
{
    private const double KiBSecondsPerMiBMinute = 1024 * 60;

    // From 10 s on it needs 1 GiB more than it has.
    private static readonly GuestDescription Needy = VirtualHost.Guest("needy") with
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
    public void A_policy_that_leaves_memory_idle_while_another_guest_lacks_it_is_seen()
    {
        Hoarding hoarding = Still(Idle, Needy);
        double lacked = Needed(Needy).Value - KiB.FromMiB(512).Value;
        Assert.That(hoarding.ShortageKiBSeconds, Is.EqualTo(50 * lacked).Within(1).Percent);

        // Its report comes each second, and the balancer and the balloons have two.
        Assert.That(hoarding.HoardedKiBSeconds, Is.EqualTo(47 * lacked).Within(1).Percent);
        Assert.That(hoarding.Part, Is.EqualTo(0.94).Within(0.01));
    }

    [Test]
    public void A_policy_that_moves_it_as_soon_as_it_hears_of_it_hoards_nothing()
    {
        var swift = new ScriptedPolicy(snapshot => new Turn(
            snapshot.At < TimeSpan.FromSeconds(11) ? []
            : snapshot.At < TimeSpan.FromSeconds(12) ? [ScriptedPolicy.Target(snapshot, "idle", 1500)]
            : [ScriptedPolicy.MaxMem(snapshot, "needy", 1800), ScriptedPolicy.Target(snapshot, "needy", 1700)],
            TimeSpan.FromSeconds(0.5)));
        Assert.That(Run(swift, Idle, Needy),
            Has.Property("HoardedKiBSeconds").Zero.And.Property("ShortageKiBSeconds").Positive);
    }

    [Test]
    public void What_is_free_beyond_the_slack_is_hoarded_too()
    {
        Hoarding none = Still(Needy with { StaticMax = KiB.FromMiB(2048) }, free: 64);
        Hoarding some = Still(Needy with { StaticMax = KiB.FromMiB(2048) }, free: 64 + 100);
        Assert.That((none.HoardedKiBSeconds, some.HoardedKiBSeconds / KiBSecondsPerMiBMinute),
            Is.EqualTo((0, 100 * 47 / 60.0)).Within(1).Percent);
    }

    [Test]
    public void What_waiting_starts_need_is_not_idle()
    {
        GuestDescription waiting = VirtualHost.Guest("waiting") with
        {
            BootMemory = KiB.FromMiB(1024),
            CreatedAt = TimeSpan.FromSeconds(1),
            Patience = TimeSpan.FromMinutes(5),
        };
        Assert.That(Run(Doing.Nothing, free: 64 + 500, Needy, waiting).HoardedKiBSeconds, Is.Zero);
    }

    [Test]
    public void A_growing_need_is_not_held_against_who_follows_it_at_a_reports_distance()
    {
        GuestDescription growing = Needy with
        {
            Anonymous = new RampLoad(
            [new LoadPoint(TimeSpan.Zero, KiB.FromMiB(128)),
                new LoadPoint(TimeSpan.FromMinutes(1), KiB.FromMiB(1328))])
        };

        // It grows by 20 MiB in a second, and has each of them two seconds later.
        var follower = new ScriptedPolicy(snapshot => new Turn(
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
    [TestCase("reports seldom")]
    public void Nothing_is_idle_in_a_guest_that(string excuse)
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
        Assert.That(Still(guest, Needy), Has.Property("HoardedKiBSeconds").Zero.And.Property(
            "ShortageKiBSeconds").Positive);
    }

    [TestCase("must not have it")]
    [TestCase("cannot take it")]
    [TestCase("takes it too slowly")]
    [TestCase("says nothing")]
    [TestCase("needs it only for a moment")]
    public void Nothing_is_lacked_for_which_anybody_could_be_blamed_by_a_guest_that(string excuse)
    {
        GuestDescription guest = excuse switch
        {
            "must not have it" => Needy with { Maximum = KiB.FromMiB(512) },
            "cannot take it" => Needy with { Balloon = Needy.Balloon with { Ceiling = KiB.FromMiB(512) } },
            "takes it too slowly" => Needy with { Balloon = BalloonDescription.Slow },
            "says nothing" => Needy with { Reporting = ReportingDescription.Silent },
            _ => Needy with
            {
                Anonymous = new StepLoad(
                [new(TimeSpan.Zero, KiB.FromMiB(128)), new(TimeSpan.FromSeconds(10), KiB.FromMiB(1400)),
                    new(TimeSpan.FromSeconds(12), KiB.FromMiB(128))])
            },
        };
        Assert.That(Still(Idle, guest).HoardedKiBSeconds, Is.Zero);
    }

    [Test]
    public void Who_is_killed_for_want_of_memory_lacks_it_while_he_is_dead()
    {
        GuestDescription swapless = Needy with { Swap = SwapDescription.None };
        Assert.That(Still(Idle, swapless).Part, Is.GreaterThan(0.9));
    }

    [Test]
    public void Of_a_shortage_that_nobody_would_notice_no_part_is_told()
    {
        Assert.That(new Hoarding(49 * KiBSecondsPerMiBMinute, KiBSecondsPerMiBMinute).Part, Is.Null);
        Assert.That(new Hoarding(50 * KiBSecondsPerMiBMinute, KiBSecondsPerMiBMinute).Part, Is.EqualTo(0.02));
    }

    private static KiB Needed(GuestDescription guest)
    {
        var recorder = new TimelineRecorder(TimeSpan.FromSeconds(20));
        SimulationRun.Run(VirtualHost.Hosting(guest), Doing.Nothing, TimeSpan.FromSeconds(20), recorder);
        return recorder.Moments[^1].Guests[0]!.Needed;
    }

    private static Hoarding Still(params GuestDescription[] guests) => Run(Doing.Nothing, guests);

    private static Hoarding Still(GuestDescription guest, int free) => Run(Doing.Nothing, free, guest);

    private static Hoarding Run(IMemoryPolicy policy, params GuestDescription[] guests) =>
        Run(policy, free: 64, guests);

    private static Hoarding Run(IMemoryPolicy policy, int free, params GuestDescription[] guests)
    {
        KiB held = guests.Where(guest => guest.CreatedAt is null).Aggregate(KiB.FromMiB(512 + free),
            (sum, guest) => sum + guest.BootMemory);
        Scenario scenario = VirtualHost.Hosting(guests) with { HostTotal = held };
        return SimulationRun.Run(scenario, policy, TimeSpan.FromMinutes(1)).Hoarding;
    }

    private static class Doing
    {
        public static ScriptedPolicy Nothing => new(_ => new Turn([], TimeSpan.FromHours(1)));
    }
}
