using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>The line that tells an administrator why a target is what it is.</summary>
public sealed class ReasonTests
{
    private const string Idle = "in use 310 MiB, needs 326 MiB, wants 372 MiB, recent peak 800 MiB; ";

    private const string Busy = "in use 900 MiB, needs 945 MiB, wants 1080 MiB; ";

    private static readonly DomainDemand IdleDemand = new(
        ReportVerdict.Fresh, MiB(310), MiB(326), MiB(326), MiB(340), MiB(372), MiB(840))
    {
        RecentPeak = MiB(800),
    };

    private static readonly DomainDemand BusyDemand = new(
        ReportVerdict.Fresh, MiB(900), MiB(945), MiB(945), MiB(945), MiB(1080), MiB(1080));

    private static readonly DomainDemand Unheard = DomainDemand.Unreported(ReportVerdict.Stale, MiB(900), MiB(900));

    private static readonly ReasonFacts ToNeed = new()
    {
        Guaranteed = MiB(512),
        Maximum = MiB(2048),
        Claimable = MiB(2048),
        BootMemory = MiB(1000),
        Reached = "its need",
        ReachesAll = true,
        Swap = SwapKnowledge.Free,
    };

    private static readonly ReasonFacts PartOfNeed = ToNeed with { ReachesAll = false };

    private static readonly ReasonFacts PartOfPeak = PartOfNeed with { Reached = "its recent peak" };

    private static IEnumerable<TestCaseData<Reason, string>> EachKind =>
    [
        new(new(ReasonKind.Unmanaged), "not managed"),
        new(new(ReasonKind.Passthrough), "left alone: a PCI device is passed through to it"),
        new(new(ReasonKind.Overridden, From: MiB(800)), "left at 800 MiB: set by another tool (xl mem-set)"),
        new(new(ReasonKind.NoRange), "left alone: its minimum is its maximum"),
        new(
            new(ReasonKind.NoRange) { Facts = ToNeed with { Maximum = KiB.Zero } },
            "left alone: it has no memory/static-max"),
        new(new(ReasonKind.Starting), "left alone: being built or populated"),
        new(new(ReasonKind.NotRunning), "left alone: not running"),
        new(
            new(ReasonKind.Silent, Unheard, From: MiB(900)) { Facts = ToNeed },
            "report too old; left at 900 MiB: it does not report"),
        new(
            Of(ReasonKind.Balanced, IdleDemand, 512, 512, 512, PartOfPeak),
            Idle + "share 512 MiB (part of its recent peak); balanced at 512 MiB"),
        new(
            Of(ReasonKind.Balanced, IdleDemand, 512, 530, 530, PartOfPeak),
            Idle + "share 512 MiB (part of its recent peak); balanced at 530 MiB: the rest is not worth moving now"),
        new(
            Of(ReasonKind.Growing, BusyDemand, 1000, 800, 1000, PartOfNeed with { Reached = "headroom" }),
            Busy + "share 1000 MiB (part of headroom); growing 800 MiB to 1000 MiB: it lacks memory"),
        new(
            Of(ReasonKind.Growing, BusyDemand, 1080, 960, 1080, ToNeed with { Reached = "headroom" }),
            Busy + "share 1080 MiB (up to headroom); growing 960 MiB to 1080 MiB: headroom and growth"),
        new(
            Of(ReasonKind.Growing, IdleDemand, 840, 400, 840, ToNeed with { Reached = "its recent peak" }),
            Idle + "share 840 MiB (up to its recent peak); growing 400 MiB to 840 MiB: "
                + "memory is free beyond the keep-free pool"),
        new(
            Of(ReasonKind.Growing, Unheard with { Verdict = ReportVerdict.Silent }, 1000, 900, 1000, ToNeed),
            "no report; share 1000 MiB (up to its need); growing 900 MiB to 1000 MiB: back to its boot memory"),
        new(
            Of(ReasonKind.WaitingForMemory, BusyDemand, 945, 800, 800, ToNeed),
            Busy + "share 945 MiB (up to its need); held at 800 MiB: waiting until memory is free"),
        new(
            Of(ReasonKind.AtShare, BusyDemand, 800, 800, 800, PartOfNeed),
            Busy + "share 800 MiB (part of its need); lacks memory at 800 MiB: "
                + "other domains need the rest; its guaranteed share is 512 MiB"),
        new(
            Of(
                ReasonKind.AtShare,
                BusyDemand,
                800,
                800,
                800,
                PartOfNeed with { Bound = ShareBound.Loan, Swap = SwapKnowledge.None }),
            Busy + "share 800 MiB (part of its need); lacks memory at 800 MiB: "
                + "without swap, no more is lent beyond its guaranteed share, 512 MiB"),
        new(
            Of(ReasonKind.AtShare, BusyDemand, 800, 800, 800, PartOfNeed with { Bound = ShareBound.Loan }),
            Busy + "share 800 MiB (part of its need); lacks memory at 800 MiB: "
                + "no more than its free swap is lent beyond its guaranteed share, 512 MiB"),
        new(
            Of(ReasonKind.AtMaximum, BusyDemand, 950, 950, 950, ToNeed with { Maximum = MiB(950) }),
            "in use 900 MiB, needs 945 MiB, wants 950 MiB; share 950 MiB (up to its need); held at 950 MiB: "
                + "its maximum is 950 MiB"),
        new(
            Of(
                ReasonKind.AtMaximum,
                BusyDemand,
                950,
                950,
                950,
                ToNeed with { Claimable = MiB(950), Bound = ShareBound.Ceiling }),
            Busy + "share 950 MiB (up to its need); held at 950 MiB: its balloon failed to grow beyond 950 MiB"),
        new(
            Of(ReasonKind.AtMaximum, BusyDemand, 950, 950, 950, ToNeed with { Bound = ShareBound.SlowBalloon }),
            Busy + "share 950 MiB (up to its need); held at 950 MiB: its balloon is too slow for more at a time"),
        new(
            Of(ReasonKind.Recovering, IdleDemand with { StallFraction = 0.12 }, 512, 800, 800, PartOfPeak),
            Idle + "waits 12 % of its time for memory; share 512 MiB (part of its recent peak); kept at 800 MiB: "
                + "it waited for memory just now"),
        new(
            Of(ReasonKind.PutBack, BusyDemand, 512, 882, 900, PartOfNeed),
            Busy + "share 512 MiB (part of its need); put back from 882 MiB to 900 MiB: it has no memory left to give"),
        new(
            Of(ReasonKind.Pressed, BusyDemand, 512, 900, 882, PartOfNeed),
            Busy + "share 512 MiB (part of its need); pressing 900 MiB to 882 MiB into its swap: "
                + "another domain lacks memory that it is entitled to; not below its guaranteed share, 512 MiB"),
        new(
            Of(ReasonKind.Pressed, BusyDemand, 512, 1100, 1080, PartOfNeed with { Swap = SwapKnowledge.Unreported }),
            Busy + "share 512 MiB (part of its need); pressing 1100 MiB to 1080 MiB into its swap: another domain "
                + "lacks memory that it is entitled to; swap not reported, so not below its boot memory, 1000 MiB"),
        new(
            Of(ReasonKind.Shrinking, IdleDemand, 512, 800, 512, PartOfPeak),
            Idle + "share 512 MiB (part of its recent peak); "
                + "shrinking 800 MiB to 512 MiB: another domain lacks memory"),
        new(
            Of(ReasonKind.Settling, IdleDemand, 512, 800, 800, PartOfPeak),
            Idle + "share 512 MiB (part of its recent peak); "
                + "kept at 800 MiB until its balloon rests and it reports again"),
        new(
            Of(ReasonKind.Settling, IdleDemand, 512, 800, 800, PartOfPeak with { ReportsSeldom = true }),
            Idle + "share 512 MiB (part of its recent peak); "
                + "kept at 800 MiB until its next report, which comes seldom"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed),
            Busy + "share 800 MiB (part of its need); kept at 945 MiB: all of it is in use, "
                + "pressed only while another domain lacks memory that it is entitled to"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Guaranteed = MiB(1024) }),
            Busy + "share 800 MiB (part of its need); kept at 945 MiB: all of it is in use, "
                + "within its guaranteed share"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Swap = SwapKnowledge.None }),
            Busy + "share 800 MiB (part of its need); kept at 945 MiB: all of it is in use, no swap"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Swap = SwapKnowledge.Full }),
            Busy + "share 800 MiB (part of its need); kept at 945 MiB: all of it is in use, no free swap"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Swap = SwapKnowledge.Unreported }),
            Busy + "share 800 MiB (part of its need); kept at 945 MiB: all of it is in use, "
                + "within its boot memory, swap not reported"),
        new(
            Of(ReasonKind.Stuck, IdleDemand, null, 512, 512, ToNeed),
            Idle + "counted at what it holds: its balloon does not answer"),
        new(
            Of(ReasonKind.MinimumsExceedHost, IdleDemand, 512, 512, 512, ToNeed with { Reached = "its minimum" }),
            Idle + "share 512 MiB (up to its minimum); left at 512 MiB: "
                + "the minimums of all domains exceed the host's memory"),
    ];

    [TestCaseSource(nameof(EachKind))]
    public void Each_kind_of_reason_has_its_line(Reason reason, string line) =>
        Assert.That(reason.Explain(Host(HostPressure.Demand), new BalancerSettings()), Is.EqualTo(line));

    [Test]
    public void No_kind_is_left_out() => Assert.That(
        EachKind.Select(decision => ((Reason)decision.Arguments[0]!).Kind).Distinct(),
        Is.EquivalentTo(Enum.GetValues<ReasonKind>()));

    [TestCase(HostPressure.None, 0, "it has more than its share")]
    [TestCase(HostPressure.Demand, 0, "another domain lacks memory")]
    [TestCase(HostPressure.Demand, 64, "memory is reserved")]
    [TestCase(HostPressure.Tight, 0, "most of the keep-free pool is in use")]
    [TestCase(HostPressure.Low, 0, "free memory is below the slack")]
    public void A_shrinking_domains_line_says_what_the_memory_is_for(HostPressure pressure, long awaited, string why)
    {
        Reason reason = Of(ReasonKind.Shrinking, IdleDemand, 512, 800, 512, PartOfPeak);
        string line = reason.Explain(Host(pressure) with { Awaited = MiB(awaited) }, new BalancerSettings());
        Assert.That(line, Does.EndWith("; shrinking 800 MiB to 512 MiB: " + why));
    }

    [Test]
    public void A_pinned_domains_line_says_so()
    {
        Reason reason = Of(ReasonKind.Shrinking, IdleDemand, 512, 800, 512, PartOfPeak with { IsPinned = true });
        Assert.That(reason.ToString(), Does.EndWith("; shrinking 800 MiB to 512 MiB: pinned"));
    }

    [Test]
    public void Where_press_to_share_is_off_the_line_says_so()
    {
        Reason reason = Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed);
        var settings = new BalancerSettings { PressToShare = false };
        string line = reason.Explain(Host(HostPressure.Demand), settings);
        Assert.That(line, Does.EndWith("all of it is in use, press-to-share is off"));
    }

    [Test]
    public void Policies_without_guaranteed_shares_tell_of_none()
    {
        Reason reason = Of(ReasonKind.AtShare, BusyDemand, 800, 800, 800, PartOfNeed);
        var settings = new BalancerSettings { Policy = PolicyKind.Shares };
        Assert.That(
            reason.Explain(Host(HostPressure.Demand), settings),
            Is.EqualTo(Busy + "share 800 MiB; lacks memory at 800 MiB: the policy gives it no more"));
    }

    [Test]
    public void No_amount_is_shown_above_the_maximum()
    {
        DomainDemand starved = BusyDemand with { Need = MiB(3000), Want = MiB(3000), Starved = true };
        Reason reason = Of(ReasonKind.AtMaximum, starved, 2048, 2048, 2048, ToNeed);
        Assert.That(reason.ToString(), Does.StartWith("in use 900 MiB, needs at least 2048 MiB, wants 2048 MiB; "));
    }

    [Test]
    public void The_reason_of_a_step_has_the_numbers_and_the_tier_that_led_there()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Decide();
        Plan plan = host.Passes(1).Reports(1, 100).Reports(2, 216).Decide();
        string Line(int domid) => HostBuilder.Of(plan, domid).Reason.Explain(plan.Host, host.Settings);
        Assert.That(Line(1), Does.Match(
            @"^in use 140 MiB, needs \d+ MiB, wants \d+ MiB; share \d+ MiB \(.*\); "
            + @"shrinking 900 MiB to \d+ MiB: another domain lacks memory$"));
        Assert.That(Line(2), Does.Match(
            @"^in use 256 MiB, needs at least \d+ MiB, wants \d+ MiB; share \d+ MiB \(.*\); "
            + "held at 256 MiB: waiting until memory is free$"));
    }

    [Test]
    public void The_guaranteed_share_of_a_decision_is_what_weights_alone_give()
    {
        HostBuilder host = new HostBuilder().With(1, 500, 1024).With(2, 500, 1024).WithFree(32);
        Plan plan = host.Reports(1, 100).Reports(2, 430).Decide();
        Assert.That(HostBuilder.Of(plan, 1).GuaranteedShare, Is.EqualTo(MiB(500)));
        Assert.That(HostBuilder.Of(plan, 1).Entitlement, Is.Not.EqualTo(MiB(500)));
    }

    private static Reason Of(
        ReasonKind kind, DomainDemand demand, long? share, long from, long to, ReasonFacts facts) =>
        new(kind, demand, share is { } mib ? MiB(mib) : null, MiB(from), MiB(to)) { Facts = facts };

    private static KiB MiB(long mib) => KiB.FromMiB(mib);

    private static HostDecision Host(HostPressure pressure) => new(
        MiB(4096), MiB(100), MiB(64), MiB(122), pressure, HostAlarm.None);
}
