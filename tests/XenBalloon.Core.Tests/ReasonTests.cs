using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>The line that tells an administrator why a target is what it is.</summary>
public sealed class ReasonTests
{
    private const string Idle = "; in use 310 MiB, needs 326 MiB, wants 372 MiB, recent peak 800 MiB";

    private const string Busy = "; in use 900 MiB, needs 945 MiB, wants 1080 MiB";

    private static readonly DomainDemand IdleDemand = new(
        ReportVerdict.Fresh, MiB(310), MiB(326), MiB(326), MiB(340), MiB(372), MiB(840))
    {
        RecentPeak = MiB(800),
    };

    private static readonly DomainDemand BusyDemand = new(
        ReportVerdict.Fresh, MiB(900), MiB(945), MiB(945), MiB(945), MiB(1080), MiB(1080));

    private static readonly DomainDemand NoReport = DomainDemand.Unreported(ReportVerdict.Stale, MiB(900), MiB(900));

    private static readonly ReasonFacts ToNeed = new()
    {
        Guaranteed = MiB(512),
        Maximum = MiB(2048),
        Claimable = MiB(2048),
        Holds = MiB(2048),
        BootMemory = MiB(1000),
        Reached = "its need",
        ReachesAll = true,
        Swap = SwapKnowledge.Free,
    };

    private static readonly ReasonFacts PartOfNeed = ToNeed with { ReachesAll = false };

    private static readonly ReasonFacts Lent = PartOfNeed with { Bound = ShareBound.Loan };

    private static readonly ReasonFacts Capped = ToNeed with { Claimable = MiB(950) };

    private static readonly ReasonFacts PartOfPeak = PartOfNeed with { Reached = "its recent peak" };

    private static IEnumerable<TestCaseData<Reason, string>> EachKind =>
    [
        new(new(ReasonKind.Unmanaged), "not managed"),
        new(new(ReasonKind.Passthrough), "left alone: a PCI device is assigned to it"),
        new(
            new(ReasonKind.NotRecreatable) { Facts = ToNeed with { FixedBy = CreationLimit.VirtualNuma } },
            "left alone: it has vNUMA, and xl could not start it again with less than its maximum memory"),
        new(
            new(ReasonKind.NotRecreatable) { Facts = ToNeed with { FixedBy = CreationLimit.Passthrough } },
            "left alone: it has passthrough enabled, and xl could not start it again with less than its maximum "
                + "memory"),
        new(
            new(ReasonKind.NotRecreatable) { Facts = ToNeed with { FixedBy = CreationLimit.AlternateP2m } },
            "left alone: it has altp2m, and xl could not start it again with less than its maximum memory"),
        new(new(ReasonKind.Overridden, From: MiB(800)), "left at 800 MiB: set by another tool (xl mem-set)"),
        new(new(ReasonKind.NoRange), "left alone: its minimum equals its maximum"),
        new(
            new(ReasonKind.NoRange) { Facts = ToNeed with { Maximum = KiB.Zero } },
            "left alone: it has no memory/static-max"),
        new(new(ReasonKind.Starting), "left alone: it is being built or populated"),
        new(new(ReasonKind.Migrating), "left alone: it is being saved or migrated"),
        new(new(ReasonKind.NotRunning), "left alone: it is not running"),
        new(
            new(ReasonKind.Silent, NoReport, From: MiB(900)) { Facts = ToNeed },
            "left at 900 MiB: its last report is too old"),
        new(
            new(ReasonKind.Silent, NoReport with { Verdict = ReportVerdict.Silent }, From: MiB(900)) { Facts = ToNeed },
            "left at 900 MiB: it does not report"),
        new(
            new(ReasonKind.Silent, NoReport with { Verdict = ReportVerdict.Implausible }, From: MiB(900))
            {
                Facts = ToNeed,
            },
            "left at 900 MiB: its report is unreadable or impossible"),
        new(
            Of(ReasonKind.Pinned, IdleDemand, 512, 512, 512, ToNeed with { IsPinned = true }),
            "pinned at 512 MiB" + Idle + "; share 512 MiB (up to its need)"),
        new(
            Of(ReasonKind.Balanced, IdleDemand, 512, 512, 512, PartOfPeak),
            "balanced at 512 MiB" + Idle + "; share 512 MiB (part of its recent peak)"),
        new(
            Of(ReasonKind.Balanced, IdleDemand, 512, 530, 530, PartOfPeak),
            "balanced at 530 MiB: the difference from its share is too small to move, or it moved recently" + Idle
                + "; share 512 MiB (part of its recent peak)"),
        new(
            Of(ReasonKind.Growing, BusyDemand, 1000, 800, 1000, PartOfNeed with { Reached = "headroom" }),
            "growing 800 MiB to 1000 MiB: it needs more memory" + Busy + "; share 1000 MiB (part of headroom)"),
        new(
            Of(ReasonKind.Growing, BusyDemand, 1080, 960, 1080, ToNeed with { Reached = "headroom" }),
            "growing 960 MiB to 1080 MiB: headroom and growth" + Busy + "; share 1080 MiB (up to headroom)"),
        new(
            Of(ReasonKind.Growing, IdleDemand, 840, 400, 840, ToNeed with { Reached = "its recent peak" }),
            "growing 400 MiB to 840 MiB: memory is free beyond the keep-free pool" + Idle
                + "; share 840 MiB (up to its recent peak)"),
        new(
            Of(ReasonKind.Growing, IdleDemand, 400, 384, 400, ToNeed with
            {
                Minimum = MiB(400),
                Reached = "its minimum",
            }),
            "growing 384 MiB to 400 MiB: its minimum is 400 MiB" + Idle + "; share 400 MiB (up to its minimum)"),
        new(
            Of(ReasonKind.Growing, NoReport with { Verdict = ReportVerdict.Silent }, 1000, 900, 1000, ToNeed),
            "growing 900 MiB to 1000 MiB: to restore its boot memory; it does not report; "
                + "share 1000 MiB (up to its need)"),
        new(
            Of(ReasonKind.WaitingForMemory, BusyDemand, 945, 800, 800, ToNeed),
            "waiting at 800 MiB until memory is free" + Busy + "; share 945 MiB (up to its need)"),
        new(
            Of(ReasonKind.WaitingForMemory, BusyDemand, 945, 800, 800, ToNeed with { IsPinned = true }),
            "waiting at 800 MiB until memory is free: pinned to a larger size" + Busy
                + "; share 945 MiB (up to its need)"),
        new(
            Of(ReasonKind.AtShare, BusyDemand, 800, 800, 800, PartOfNeed),
            "lacks memory at 800 MiB: other domains need the rest; guaranteed share 512 MiB" + Busy
                + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.AtShare, BusyDemand, 800, 800, 800, Lent with { Swap = SwapKnowledge.None }),
            "lacks memory at 800 MiB: without swap, it gets no more than its guaranteed share, 512 MiB" + Busy
                + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.AtShare, BusyDemand with { StaysFull = true }, 800, 800, 800, PartOfNeed),
            "lacks memory at 800 MiB: it stays full after it got more, so above its guaranteed share, 512 MiB, others "
                + "go first" + Busy + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.WaitingForMemory, BusyDemand with { KilledPrograms = true }, 1024, 512, 512, ToNeed),
            "waiting at 512 MiB until memory is free" + Busy + "; it killed programs for lack of memory"
                + "; share 1024 MiB (up to its need)"),
        new(
            Of(ReasonKind.AtShare, BusyDemand, 800, 800, 800, Lent),
            "lacks memory at 800 MiB: above its guaranteed share, 512 MiB, it is lent no more than its free swap"
                + Busy + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.AtMaximum, BusyDemand, 950, 950, 950, ToNeed with { Maximum = MiB(950) }),
            "limited to 950 MiB: its maximum is 950 MiB; in use 900 MiB, needs 945 MiB, wants 950 MiB; "
                + "share 950 MiB (up to its need)"),
        new(
            Of(ReasonKind.AtMaximum, BusyDemand, 950, 950, 950, Capped with { Bound = ShareBound.Ceiling }),
            "limited to 950 MiB: its balloon failed to grow beyond 950 MiB" + Busy
                + "; share 950 MiB (up to its need)"),
        new(
            Of(ReasonKind.AtMaximum, BusyDemand, 950, 950, 950, ToNeed with { Bound = ShareBound.SlowBalloon }),
            "limited to 950 MiB: its balloon is slow, so it grows in small steps" + Busy
                + "; share 950 MiB (up to its need)"),
        new(
            Of(ReasonKind.AtMaximum, BusyDemand, 950, 950, 950, Capped),
            "limited to 950 MiB: it cannot have more than 950 MiB" + Busy + "; share 950 MiB (up to its need)"),
        new(
            Of(ReasonKind.Recovering, IdleDemand with { StallFraction = 0.12 }, 512, 800, 800, PartOfPeak),
            "kept at 800 MiB: it waited for memory moments ago" + Idle
                + "; waits 12 % of its time for memory; share 512 MiB (part of its recent peak)"),
        new(
            Of(ReasonKind.PutBack, BusyDemand, 512, 882, 900, PartOfNeed),
            "restored from 882 MiB to 900 MiB: it has no memory left to give" + Busy
                + "; share 512 MiB (part of its need)"),
        new(
            Of(ReasonKind.Pressed, BusyDemand, 512, 900, 882, PartOfNeed),
            "swapping out 900 MiB to 882 MiB: another domain lacks memory that it is entitled to; "
                + "not below its guaranteed share, 512 MiB" + Busy + "; share 512 MiB (part of its need)"),
        new(
            Of(ReasonKind.Pressed, BusyDemand, 512, 1100, 1080, PartOfNeed with { Swap = SwapKnowledge.Unreported }),
            "swapping out 1100 MiB to 1080 MiB: another domain lacks memory that it is entitled to; "
                + "swap not reported, so not below its boot memory, 1000 MiB" + Busy
                + "; share 512 MiB (part of its need)"),
        new(
            Of(ReasonKind.Pressed, BusyDemand, 512, 1100, 1080, PartOfNeed with { Swap = SwapKnowledge.None }),
            "testing 1100 MiB to 1080 MiB: it reports no memory left, and another domain lacks memory that it is "
                + "entitled to; not below its boot memory, 1000 MiB" + Busy + "; share 512 MiB (part of its need)"),
        new(
            Of(ReasonKind.Shrinking, IdleDemand, 512, 800, 512, PartOfPeak),
            "shrinking 800 MiB to 512 MiB: another domain needs memory" + Idle
                + "; share 512 MiB (part of its recent peak)"),
        new(
            Of(ReasonKind.Settling, IdleDemand, 512, 800, 800, PartOfPeak),
            "kept at 800 MiB until its balloon stops and it reports again" + Idle
                + "; share 512 MiB (part of its recent peak)"),
        new(
            Of(ReasonKind.Settling, IdleDemand, 512, 800, 800, PartOfPeak with { ReportsRarely = true }),
            "kept at 800 MiB until its next report: it reports rarely" + Idle
                + "; share 512 MiB (part of its recent peak)"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed),
            "kept at 945 MiB: all of it is in use, and it is taken only while another domain lacks memory that it is "
                + "entitled to" + Busy + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Guaranteed = MiB(1024) }),
            "kept at 945 MiB: all of it is in use, and it is within its guaranteed share" + Busy
                + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Swap = SwapKnowledge.None }),
            "kept at 945 MiB: all of it is in use, and it has no swap" + Busy + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Swap = SwapKnowledge.Full }),
            "kept at 945 MiB: all of it is in use, and its swap is full" + Busy + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed with { Swap = SwapKnowledge.Unreported }),
            "kept at 945 MiB: all of it is in use, and it is within its boot memory, and its swap is not reported"
                + Busy + "; share 800 MiB (part of its need)"),
        new(
            Of(ReasonKind.Stuck, IdleDemand, null, 512, 512, ToNeed with { Holds = MiB(700) }),
            "stuck at 700 MiB: its balloon does not respond" + Idle),
        new(
            Of(ReasonKind.MinimumsExceedHost, IdleDemand, 512, 512, 512, ToNeed with { Reached = "its minimum" }),
            "left at 512 MiB: the minimums of all domains exceed the host's memory" + Idle
                + "; share 512 MiB (up to its minimum)"),
    ];

    [TestCaseSource(nameof(EachKind))]
    public void Each_kind_of_reason_has_its_line(Reason reason, string line) =>
        Assert.That(reason.Explain(Host(HostPressure.Demand), new BalancerSettings()), Is.EqualTo(line));

    [Test]
    public void Every_kind_has_a_test_case() => Assert.That(
        EachKind.Select(decision => ((Reason)decision.Arguments[0]!).Kind).Distinct(),
        Is.EquivalentTo(Enum.GetValues<ReasonKind>()));

    [TestCase(HostPressure.None, 0, "it has more than its share")]
    [TestCase(HostPressure.Demand, 0, "another domain needs memory")]
    [TestCase(HostPressure.Demand, 64, "memory is reserved")]
    [TestCase(HostPressure.Tight, 0, "most of the keep-free pool is in use")]
    [TestCase(HostPressure.Low, 0, "free memory is below the slack")]
    public void Reason_for_shrinking_says_what_the_memory_is_for(HostPressure pressure, long awaited, string why)
    {
        Reason reason = Of(ReasonKind.Shrinking, IdleDemand, 512, 800, 512, PartOfPeak);
        string line = reason.Explain(Host(pressure) with { Awaited = MiB(awaited) }, new BalancerSettings());
        Assert.That(line, Does.StartWith($"shrinking 800 MiB to 512 MiB: {why}; "));
    }

    [Test]
    public void Reason_of_a_pinned_domain_says_that_it_is_pinned()
    {
        Reason reason = Of(ReasonKind.Shrinking, IdleDemand, 512, 800, 512, PartOfPeak with { IsPinned = true });
        Assert.That(reason.ToString(), Does.StartWith("shrinking 800 MiB to 512 MiB: pinned; "));
    }

    [Test]
    public void Reason_says_that_press_to_share_is_off()
    {
        Reason reason = Of(ReasonKind.InUse, BusyDemand, 800, 945, 945, PartOfNeed);
        var settings = new BalancerSettings { PressToShare = false };
        string line = reason.Explain(Host(HostPressure.Demand), settings);
        Assert.That(line, Does.StartWith("kept at 945 MiB: all of it is in use, and press-to-share is off; "));
    }

    [Test]
    public void Other_policies_show_no_guaranteed_share()
    {
        Reason reason = Of(ReasonKind.AtShare, BusyDemand, 800, 800, 800, PartOfNeed);
        var settings = new BalancerSettings { Policy = PolicyKind.Shares };
        Assert.That(
            reason.Explain(Host(HostPressure.Demand), settings),
            Is.EqualTo("lacks memory at 800 MiB: the policy allows no more" + Busy + "; share 800 MiB"));
    }

    [Test]
    public void No_amount_is_shown_above_the_maximum()
    {
        DomainDemand shortOfMemory = BusyDemand with { Need = MiB(3000), Want = MiB(3000), IsShortOfMemory = true };
        Reason reason = Of(ReasonKind.AtMaximum, shortOfMemory, 2048, 2048, 2048, ToNeed);
        Assert.That(reason.ToString(), Does.Contain("; in use 900 MiB, needs at least 2048 MiB, wants 2048 MiB; "));
    }

    [Test]
    public void Memory_in_use_is_shown_up_to_what_the_domain_holds()
    {
        Reason reason = Of(ReasonKind.Settling, BusyDemand, 800, 850, 850, ToNeed with { Holds = MiB(850) });
        Assert.That(reason.ToString(), Does.Contain("; in use 850 MiB, needs 945 MiB"));
    }

    [Test]
    public void Every_line_says_what_is_done_within_eighty_columns() => Assert.That(
        EachKind.Select(test => ((string)test.Arguments[1]!).Split(':', ';')[0]),
        Has.All.Length.LessThan(62));

    [Test]
    public void Reason_of_a_step_has_the_numbers_and_the_tier_that_led_there()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host.Decide();
        Plan plan = host.Passes(1).Reports(1, 100).Reports(2, 216).Decide();
        string Line(int domid) => HostBuilder.Of(plan, domid).Reason.Explain(plan.Host, host.Settings);
        Assert.That(Line(1), Does.Match(
            @"^shrinking 900 MiB to \d+ MiB: another domain needs memory; "
            + @"in use 140 MiB, needs \d+ MiB, wants \d+ MiB; share \d+ MiB \(.*\)$"));
        Assert.That(Line(2), Does.Match(
            "^waiting at 256 MiB until memory is free; "
            + @"in use 256 MiB, needs at least \d+ MiB, wants \d+ MiB; share \d+ MiB \(.*\)$"));
    }

    [Test]
    public void Guaranteed_share_of_a_decision_is_what_weights_alone_give()
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
