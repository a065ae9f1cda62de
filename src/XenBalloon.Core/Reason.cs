using System.Globalization;
using System.Text;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>
/// Why a domain's target is what it is, with the numbers that led there, in one line: <see cref="Explain"/>, or
/// <see cref="ToString"/> where nothing is known of the host.
/// </summary>
/// <param name="Kind">Which of the closed set.</param>
/// <param name="Demand">What it needs; null where that was not looked at.</param>
/// <param name="Share">Its entitlement; null where it takes no part.</param>
/// <param name="From">The target before this decision; null where there was none.</param>
/// <param name="To">The target after it; null where there is none.</param>
public readonly record struct Reason(
    ReasonKind Kind, DomainDemand? Demand = null, KiB? Share = null, KiB? From = null, KiB? To = null)
{
    /// <summary>What else led there; null where nothing more is known.</summary>
    internal ReasonFacts? Facts { get; init; }

    /// <summary>
    /// The reason in one line, for a person: for example <c>in use 310 MiB, needs 326 MiB, wants 372 MiB, recent peak
    /// 800 MiB; share 512 MiB (part of its recent peak); shrinking 800 MiB to 512 MiB: another domain lacks
    /// memory</c>.
    /// </summary>
    /// <param name="host">The host in the same step: it says for what memory is taken.</param>
    /// <param name="settings">The settings in the same step: they say how memory is shared out.</param>
    public string Explain(HostDecision host, BalancerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ReasonLine(this, host, settings).ToString();
    }

    /// <summary>The same, without what memory is taken for.</summary>
    public override string ToString() => new ReasonLine(this, null, null).ToString();
}

/// <summary>Puts a reason into words.</summary>
internal readonly struct ReasonLine(Reason reason, HostDecision? host, BalancerSettings? settings)
{
    /// <summary>Other policies than fair share know no tiers and guarantee nothing.</summary>
    private readonly ReasonFacts? facts = settings is null or { Policy: PolicyKind.FairShare } ? reason.Facts : null;

    /// <summary>The line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        AddDemand(text);
        if (reason.Share is { } share)
        {
            text.Append($"share {share}");
            if (facts is { } known) text.Append($" ({(known.ReachesAll ? "up to" : "part of")} {known.Reached})");
            text.Append("; ");
        }

        return text.Append(Verdict()).ToString();
    }

    private void AddDemand(StringBuilder text)
    {
        if (reason.Demand is not { } known) return;
        if (!known.IsReported)
        {
            text.Append(known.Verdict switch
            {
                ReportVerdict.Stale => "report too old; ",
                ReportVerdict.Implausible => "report unreadable or impossible; ",
                _ => "no report; ",
            });
            return;
        }

        DomainDemand demand = reason.Facts is { } facts ? known.Within(facts.Maximum) : known;
        if (demand.Verdict == ReportVerdict.Flooding) text.Append("reports too often, read once a second; ");
        string least = demand.Starved ? "at least " : "";
        text.Append($"in use {demand.InUse}, needs {least}{demand.Need}, wants {demand.Want}");
        bool peaked = demand.RecentPeak >= demand.InUse + ReasonFacts.Noticeable;
        text.Append(peaked ? $", recent peak {demand.RecentPeak}; " : "; ");
        if (!demand.IsStalled) return;
        text.Append(CultureInfo.InvariantCulture, $"waits {demand.StallFraction:P0} of its time for memory; ");
    }

    private string Verdict() => reason.Kind switch
    {
        ReasonKind.Unmanaged => "not managed",
        ReasonKind.Passthrough => "left alone: a PCI device is passed through to it",
        ReasonKind.Overridden => $"left at {reason.From}: set by another tool (xl mem-set)",
        ReasonKind.NoRange => reason.Facts is { Maximum: var most } && most == KiB.Zero
            ? "left alone: it has no memory/static-max"
            : "left alone: its minimum is its maximum",
        ReasonKind.Starting => "left alone: being built or populated",
        ReasonKind.NotRunning => "left alone: not running",
        ReasonKind.Silent => $"left at {reason.From}: it does not report",
        ReasonKind.Balanced => Balanced(),
        ReasonKind.Growing => $"growing {reason.From} to {reason.To}: {WhatFor()}",
        ReasonKind.WaitingForMemory => $"held at {reason.To}: waiting until memory is free",
        ReasonKind.AtShare => $"lacks memory at {reason.To}: {WhyNoMore()}",
        ReasonKind.AtMaximum => $"held at {reason.To}: {Ceiling()}",
        ReasonKind.Recovering => $"kept at {reason.To}: it waited for memory just now",
        ReasonKind.Pressed when facts is { Swap: SwapKnowledge.None or SwapKnowledge.Full } =>
            $"shrinking {reason.From} to {reason.To} to see whether it has memory left: {Pressing()}",
        ReasonKind.Pressed => $"pressing {reason.From} to {reason.To} into its swap: {Pressing()}",
        ReasonKind.PutBack => $"put back from {reason.From} to {reason.To}: it has no memory left to give",
        ReasonKind.Shrinking => $"shrinking {reason.From} to {reason.To}: {TakenFor()}",
        ReasonKind.Settling => facts is { ReportsSeldom: true }
            ? $"kept at {reason.To} until its next report, which comes seldom"
            : $"kept at {reason.To} until its balloon rests and it reports again",
        ReasonKind.InUse => $"kept at {reason.To}: {WhyKept()}",
        ReasonKind.Stuck => "counted at what it holds: its balloon does not answer",
        ReasonKind.MinimumsExceedHost => $"left at {reason.To}: the minimums of all domains exceed the host's memory",
        _ => reason.Kind.ToString(),
    };

    private string Balanced()
    {
        KiB? off = reason.To - reason.Share;
        return off >= ReasonFacts.Noticeable || off <= KiB.Zero - ReasonFacts.Noticeable
            ? $"balanced at {reason.To}: the rest is not worth moving now"
            : $"balanced at {reason.To}";
    }

    private string WhatFor() => reason switch
    {
        { Facts.IsPinned: true } => "pinned",
        { Demand: not { IsReported: true } } => "back to its boot memory",
        { Demand: { } demand, From: { } from } when demand.Starved || from < demand.Need => "it lacks memory",
        { Demand: { } demand, From: { } from } when from < KiB.Max(demand.Want, demand.Forecast) =>
            "headroom and growth",
        _ => "memory is free beyond the keep-free pool",
    };

    private string WhyNoMore() => facts switch
    {
        { Bound: ShareBound.Loan, Swap: SwapKnowledge.None } known =>
            $"without swap, no more is lent beyond its guaranteed share, {known.Guaranteed}",
        { Bound: ShareBound.Loan } known =>
            $"no more than its free swap is lent beyond its guaranteed share, {known.Guaranteed}",
        { } known => $"other domains need the rest; its guaranteed share is {known.Guaranteed}",
        _ => "the policy gives it no more",
    };

    private string Ceiling() => reason.Facts switch
    {
        { IsPinned: true } => "pinned",
        { Bound: ShareBound.Ceiling } known => $"its balloon failed to grow beyond {known.Claimable}",
        { Bound: ShareBound.SlowBalloon } => "its balloon is too slow for more at a time",
        { Maximum: var most } => $"its maximum is {most}",
        _ => "its maximum",
    };

    private string Pressing()
    {
        string why = "another domain lacks memory that it is entitled to";
        return facts is { Swap: SwapKnowledge.Unreported } known
            ? $"{why}; swap not reported, so not below its boot memory, {known.BootMemory}"
            : facts is { Swap: SwapKnowledge.None } bare && bare.BootMemory > bare.Guaranteed
            ? $"{why}; not below its boot memory, {bare.BootMemory}"
            : facts is { } all ? $"{why}; not below its guaranteed share, {all.Guaranteed}" : why;
    }

    /// <summary>Why it keeps what it has beyond its share.</summary>
    private string WhyKept()
    {
        string start = reason.Demand is { IsReported: false } ? "" : "all of it is in use, ";
        return start + facts switch
        {
            _ when settings is { PressToShare: false } => "press-to-share is off",
            { } known when reason.To <= known.Guaranteed => "within its guaranteed share",
            { Swap: SwapKnowledge.None } => "no swap",
            { Swap: SwapKnowledge.Full } => "no free swap",
            { Swap: SwapKnowledge.Unreported } known when reason.To <= known.BootMemory =>
                "within its boot memory, swap not reported",
            _ => "pressed only while another domain lacks memory that it is entitled to",
        };
    }

    private string TakenFor() => (reason, host) switch
    {
        ({ Facts.IsPinned: true }, _) => "pinned",
        (_, { Pressure: HostPressure.Low }) => "free memory is below the slack",
        (_, { Pressure: HostPressure.Demand, Awaited: var awaited }) when awaited > KiB.Zero => "memory is reserved",
        (_, { Pressure: HostPressure.Demand }) => "another domain lacks memory",
        (_, { Pressure: HostPressure.Tight }) => "most of the keep-free pool is in use",
        _ => "it has more than its share",
    };
}

/// <summary>Demands as they are shown.</summary>
internal static class ShownDemand
{
    /// <summary>
    /// The same amounts, none above the domain's maximum: one whose lack cannot be measured asks for more and more.
    /// </summary>
    internal static DomainDemand Within(this DomainDemand demand, KiB maximum)
    {
        if (maximum == KiB.Zero) return demand;
        KiB most = KiB.Max(maximum, demand.InUse);
        return demand with
        {
            Floor = KiB.Min(demand.Floor, most),
            Need = KiB.Min(demand.Need, most),
            Forecast = KiB.Min(demand.Forecast, most),
            Want = KiB.Min(demand.Want, most),
            Kept = KiB.Min(demand.Kept, most),
            RecentPeak = KiB.Min(demand.RecentPeak, most),
        };
    }
}
