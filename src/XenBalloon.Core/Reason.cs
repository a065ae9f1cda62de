using System.Globalization;
using System.Text;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>
/// Why a domain's target is what it is, in one line: what is done, then why, then the numbers that led there
/// (<see cref="Explain"/>, or <see cref="ToString"/> where nothing is known of the host). xenballoon(1) defines each
/// kind and each number.
/// </summary>
/// <param name="Kind">Which of the closed set.</param>
/// <param name="Demand">What the domain needs; null where that was not estimated.</param>
/// <param name="Share">Its entitlement; null where it takes no part in sharing.</param>
/// <param name="From">The target before this decision; null where there was none.</param>
/// <param name="To">The target after it; null where there is none.</param>
public readonly record struct Reason(
    ReasonKind Kind, DomainDemand? Demand = null, KiB? Share = null, KiB? From = null, KiB? To = null)
{
    /// <summary>What else led there; null where nothing more is known.</summary>
    internal ReasonFacts? Facts { get; init; }

    /// <summary>
    /// The reason in one line: for example <c>shrinking 800 MiB to 512 MiB: another domain needs memory; in use 310
    /// MiB, needs 326 MiB, wants 372 MiB, recent peak 800 MiB; share 512 MiB (part of its recent peak)</c>.
    /// </summary>
    /// <param name="host">The host at the same time: it tells what memory is taken for.</param>
    /// <param name="settings">The settings at the same time: they tell how memory is shared out.</param>
    public string Explain(HostDecision host, BalancerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ReasonLine(this, host, settings).ToString();
    }

    /// <summary>The same, without what memory is taken for.</summary>
    public override string ToString() => new ReasonLine(this, null, null).ToString();
}

/// <summary>Writes a reason as a line: the action comes first, since terminals cut long lines.</summary>
internal readonly struct ReasonLine(Reason reason, HostDecision? host, BalancerSettings? settings)
{
    private const string LacksEntitledMemory = "another domain lacks memory that it is entitled to";

    private const string Killed = "it killed programs for lack of memory";

    /// <summary>Policies other than fair share have no tiers and guarantee nothing.</summary>
    private readonly ReasonFacts? facts = settings is null or { Policy: PolicyKind.FairShare } ? reason.Facts : null;

    /// <summary>The line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Action());
        AddDemand(text);
        if (reason.Share is { } share)
        {
            text.Append($"; share {share}");
            if (facts is { } known) text.Append($" ({(known.ReachesAll ? "up to" : "part of")} {known.Reached})");
        }

        return text.ToString();
    }

    private void AddDemand(StringBuilder text)
    {
        if (reason.Facts is { IsLeaving: true }) text.Append("; it is shutting down or rebooting");
        if (reason.Demand is not { } known) return;
        if (!known.IsReported)
        {
            if (reason.Kind != ReasonKind.Silent) text.Append("; ").Append(WhyNoReport(known.Verdict));
            return;
        }

        DomainDemand demand = reason.Facts is { } limits ? known.Within(limits.Maximum, limits.Holds) : known;
        string least = demand.IsShortOfMemory ? "at least " : "";
        text.Append($"; in use {demand.InUse}, needs {least}{demand.Need}, wants {demand.Want}");
        bool peaked = demand.RecentPeak >= demand.InUse + ReasonFacts.Noticeable;
        if (peaked) text.Append($", recent peak {demand.RecentPeak}");
        if (demand.IsStalled)
        {
            text.Append(CultureInfo.InvariantCulture, $"; waits {demand.StallFraction:P0} of its time for memory");
        }

        if (demand.KilledPrograms && reason.Kind != ReasonKind.Growing) text.Append("; ").Append(Killed);
        if (demand.Verdict == ReportVerdict.Flooding) text.Append("; reports too often, so it is read once a second");
    }

    private static string WhyNoReport(ReportVerdict verdict) => verdict switch
    {
        ReportVerdict.Stale => "its last report is too old",
        ReportVerdict.Implausible => "its report is unreadable or impossible",
        _ => "it does not report",
    };

    private string Action() => reason.Kind switch
    {
        ReasonKind.Unmanaged => "not managed",
        ReasonKind.Passthrough => "left alone: a PCI device is assigned to it",
        ReasonKind.NotRecreatable =>
            $"left alone: it has {FixingFeature}, and xl could not start it again with less than its maximum memory",
        ReasonKind.Overridden => $"left at {reason.From}: set by another tool (xl mem-set)",
        ReasonKind.NoRange => reason.Facts is { Maximum: var most } && most == KiB.Zero
            ? "left alone: it has no memory/static-max"
            : "left alone: its minimum equals its maximum",
        ReasonKind.Starting => "left alone: it is being built or populated",
        ReasonKind.Migrating => "left alone: it is being saved or migrated",
        ReasonKind.NotRunning => "left alone: it is not running",
        ReasonKind.Silent => $"left at {reason.From}: {WhyNoReport(reason.Demand?.Verdict ?? ReportVerdict.Silent)}",
        ReasonKind.Pinned when IsRestored => $"restored: it booted with {reason.Facts?.BootMemory}",
        ReasonKind.Pinned => $"pinned at {reason.To}",
        ReasonKind.Balanced => Balanced(),
        ReasonKind.Growing => $"growing {reason.From} to {reason.To}: {WhyGrowing()}",
        ReasonKind.WaitingForMemory or ReasonKind.AtShare when IsRestored =>
            $"waiting at {reason.To} until memory is free: it booted with {reason.Facts?.BootMemory}",
        ReasonKind.WaitingForMemory when IsPinned =>
            $"waiting at {reason.To} until memory is free: pinned to a larger size",
        ReasonKind.WaitingForMemory => $"waiting at {reason.To} until memory is free",
        ReasonKind.AtShare => $"lacks memory at {reason.To}: {WhyNoMore()}",
        ReasonKind.AtMaximum => $"limited to {reason.To}: {Limit()}",
        ReasonKind.Recovering => $"kept at {reason.To}: it waited for memory moments ago",
        ReasonKind.Pressed when facts is { Swap: SwapKnowledge.None or SwapKnowledge.Full } =>
            $"testing {reason.From} to {reason.To}: it reports no memory left, and {LacksEntitledMemory}{DownTo()}",
        ReasonKind.Pressed => $"swapping out {reason.From} to {reason.To}: {LacksEntitledMemory}{DownTo()}",
        ReasonKind.PutBack => $"restored from {reason.From} to {reason.To}: it has no memory left to give",
        ReasonKind.Shrinking => $"shrinking {reason.From} to {reason.To}: {WhyShrinking()}",
        ReasonKind.Settling => facts is { ReportsRarely: true }
            ? $"kept at {reason.To} until its next report: it reports rarely"
            : $"kept at {reason.To} until its balloon stops and it reports again",
        ReasonKind.InUse => $"kept at {reason.To}: {WhyKept()}",
        ReasonKind.Stuck => $"stuck at {reason.Facts?.Holds ?? reason.To}: its balloon {HowStuck()}",
        ReasonKind.MinimumsExceedHost => $"left at {reason.To}: the minimums of all domains exceed the host's memory",
        _ => reason.Kind.ToString(),
    };

    private bool IsPinned => reason.Facts is { IsPinned: true };

    private string FixingFeature => CreationLimitName.Of(reason.Facts?.FixedBy ?? CreationLimit.Passthrough);

    private bool IsRestored => reason.Facts is { IsRestored: true };

    private string Balanced()
    {
        KiB? difference = reason.To - reason.Share;
        return difference >= ReasonFacts.Noticeable || difference <= KiB.Zero - ReasonFacts.Noticeable
            ? $"balanced at {reason.To}: the difference from its share is too small to move, or it moved recently"
            : $"balanced at {reason.To}";
    }

    private string HowStuck()
    {
        string answer = reason.Facts is { NeverAnswered: true }
            ? "has never responded, so it is rarely told to shrink, and by little"
            : "does not respond";
        return reason.To > reason.From ? $"{answer}; its target is restored to what it holds" : answer;
    }

    private string WhyGrowing() => reason switch
    {
        { Facts.IsRestored: true } => "to restore its boot memory",
        { Facts.IsPinned: true } => "pinned",
        { Facts: { IsLeaving: true } known, From: { } from } when from < known.BootMemory =>
            "it will be created again with its target",
        { Demand: not { IsReported: true } } => "to restore its boot memory",
        { Demand: { KilledPrograms: true } demand, From: { } from } when from < demand.Need => Killed,
        { Demand: { } demand, From: { } from } when demand.IsShortOfMemory || from < demand.Need =>
            "it needs more memory",
        { Demand: { } demand, From: { } from } when from < KiB.Max(demand.Want, demand.Forecast) =>
            "headroom and growth",
        { Facts: { } known, From: { } from } when from < known.Minimum => $"its minimum is {known.Minimum}",
        _ => "memory is free beyond the keep-free pool",
    };

    private string WhyNoMore() => facts switch
    {
        { Bound: ShareBound.Loan, Swap: SwapKnowledge.None } known =>
            $"without swap, it gets no more than its guaranteed share, {known.Guaranteed}",
        { } known when reason.Demand is { StaysFull: true } =>
            $"it stays full after it got more, so above its guaranteed share, {known.Guaranteed}, others go first",
        { Bound: ShareBound.Loan } known =>
            $"above its guaranteed share, {known.Guaranteed}, it is lent no more than its free swap",
        { } known => $"other domains need the rest; guaranteed share {known.Guaranteed}",
        _ => "the policy allows no more",
    };

    private string Limit() => reason.Facts switch
    {
        { Bound: ShareBound.Cap, MemMax: { } most } => $"xl mem-max set its cap to {most}",
        { Bound: ShareBound.Ceiling } known => $"its balloon failed to grow beyond {known.Claimable}",
        { Bound: ShareBound.SlowBalloon } => "its balloon is slow, so it grows in small steps",
        { } known when known.Claimable < known.Maximum => $"it cannot have more than {known.Claimable}",
        { Maximum: var most } => $"its maximum is {most}",
        _ => "its maximum",
    };

    private string DownTo() => facts switch
    {
        { Swap: SwapKnowledge.Unreported } known =>
            $"; swap not reported, so not below its boot memory, {known.BootMemory}",
        { Swap: SwapKnowledge.None } known when known.BootMemory > known.Guaranteed =>
            $"; not below its boot memory, {known.BootMemory}",
        { } known => $"; not below its guaranteed share, {known.Guaranteed}",
        _ => "",
    };

    /// <summary>Why the domain keeps what it has above its share.</summary>
    private string WhyKept()
    {
        bool isReported = reason.Demand is not { IsReported: false };
        string it = isReported ? "it is " : "";
        string cause = facts switch
        {
            _ when IsRestored => $"{it}more than it booted with",
            _ when settings is { PressToShare: false } => "press-to-share is off",
            { } known when reason.To <= known.Guaranteed => $"{it}within its guaranteed share",
            { Swap: SwapKnowledge.None } => "it has no swap",
            { Swap: SwapKnowledge.Full } => "its swap is full",
            { Swap: SwapKnowledge.Unreported } known when reason.To <= known.BootMemory =>
                $"{it}within its boot memory, and its swap is not reported",
            _ => $"{it}taken only while {LacksEntitledMemory}",
        };
        return isReported ? $"all of it is in use, and {cause}" : cause;
    }

    private string WhyShrinking() => (reason, host) switch
    {
        ({ Facts.IsRestored: true }, _) => "to restore its boot memory",
        ({ Facts.IsPinned: true }, _) => "pinned",
        (_, { Pressure: HostPressure.Low }) => "free memory is below the slack",
        (_, { Pressure: HostPressure.Demand, Awaited: var awaited }) when awaited > KiB.Zero => "memory is reserved",
        (_, { Pressure: HostPressure.Demand }) => "another domain needs memory",
        (_, { Pressure: HostPressure.Tight }) => "most of the keep-free pool is in use",
        _ => "it has more than its share",
    };
}
