using System.Globalization;
using System.Text;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core;

/// <summary>Why a domain's target is what it is, with the numbers that led there; <see cref="ToString"/> says it in one line.</summary>
/// <param name="Kind">Which of the closed set.</param>
/// <param name="Demand">What it needs; null where that was not looked at.</param>
/// <param name="Share">Its entitlement; null where it takes no part.</param>
/// <param name="From">The target before this decision; null where there was none.</param>
/// <param name="To">The target after it; null where there is none.</param>
public readonly record struct Reason(ReasonKind Kind, DomainDemand? Demand = null, KiB? Share = null, KiB? From = null, KiB? To = null)
{
    /// <summary>
    /// The reason in one line, for a person: for example <c>idle: hot 310 MiB + headroom 62 MiB; share 512 MiB; shrinking 800 MiB to 750 MiB</c>.
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Demand is { IsHeard: true } demand)
        {
            if (demand.Verdict == ReportVerdict.Flooding) text.Append("floods xenstore, read once a second; ");
            text.Append(CultureInfo.InvariantCulture, $"{State(demand)}: hot {demand.Hot} + headroom {demand.Want - demand.Hot}; ");
            if (demand.Hurts) text.Append(CultureInfo.InvariantCulture, $"waits {demand.Strain:P0} of its time for memory; ");
        }
        else if (Demand is { } unheard)
        {
            text.Append(unheard.Verdict switch
            {
                ReportVerdict.Stale => "report too old; ",
                ReportVerdict.Implausible => "report cannot be read or believed; ",
                _ => "no report; ",
            });
        }

        if (Share is { } share) text.Append(CultureInfo.InvariantCulture, $"share {share}; ");
        return text.Append(Verdict()).ToString();
    }

    private string State(DomainDemand demand) => Kind switch
    {
        _ when demand.Starved => "starved",
        _ when From + Noticeable < demand.Want => Share + Noticeable < From ? "over its share" : "short",
        _ => Share + Noticeable < From ? "idle" : "enough",
    };

    /// <summary>A lack that is not worth a step is not worth a word.</summary>
    private static KiB Noticeable => KiB.FromMiB(10);

    private string Verdict() => Kind switch
    {
        ReasonKind.Unmanaged => "not managed",
        ReasonKind.Passthrough => "has a device passed through, left alone",
        ReasonKind.Overridden => $"left at {From}, which somebody else set",
        ReasonKind.NoRange => "has no range to be moved in",
        ReasonKind.Starting => "being built, left alone",
        ReasonKind.NotRunning => "not running, left alone",
        ReasonKind.Silent => $"held at {From}, not moved unheard",
        ReasonKind.Balanced => $"balanced at {To}",
        ReasonKind.Growing => $"growing {From} to {To}",
        ReasonKind.WaitingForMemory => $"held at {From} until memory is free",
        ReasonKind.AtShare => $"short at {To}, which is all of its share",
        ReasonKind.AtMaximum => $"short at {To}, its maximum",
        ReasonKind.Recovering => $"kept at {To}, it lately waited for memory",
        ReasonKind.Pressed => $"pressed {From} to {To}, others lack their share",
        ReasonKind.Shrinking => $"shrinking {From} to {To}",
        ReasonKind.Settling => $"settling at {To}",
        ReasonKind.InUse when Demand is { IsHeard: false } => $"kept at {To} while nobody lacks his share for it",
        ReasonKind.InUse => $"kept at {To}, all of it in use",
        ReasonKind.Stuck => "its balloon does not answer, planned at what it has",
        ReasonKind.MinimumsExceedHost => "the minimums exceed the host, everyone is kept where they are",
        _ => Kind.ToString(),
    };
}
