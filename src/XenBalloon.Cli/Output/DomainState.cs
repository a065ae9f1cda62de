using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Output;

/// <summary>
/// The state of a domain in one word: its life cycle unless it runs, otherwise how it is balanced, in the words of
/// <see cref="ReasonKind"/>.
/// </summary>
internal static class DomainState
{
    /// <summary>A domain that its operator gave one size.</summary>
    private const string Pinned = "pinned";

    /// <summary>Balloons stop within a page or two of their target, so a smaller distance is not a move.</summary>
    private static readonly KiB MoveThreshold = KiB.FromMiB(1);

    /// <summary>The state of a domain.</summary>
    internal static string Of(DomainStatus domain)
    {
        if (!domain.Managed) return EnumText.Of(ReasonKind.Unmanaged);
        if (domain.State != EnumText.Of(DomainLifecycle.Running)) return domain.State;
        if (domain.Health == EnumText.Of(BalloonHealth.Stuck)) return EnumText.Of(ReasonKind.Stuck);
        if (domain.Pinned is not null) return Pinned;
        return EnumText.Of(Move(domain) switch
        {
            > 0 => ReasonKind.Growing,
            < 0 => ReasonKind.Shrinking,
            _ => Resting(domain),
        });
    }

    /// <summary>Whether the balloon moves: 1 up, -1 down, 0 if it rests.</summary>
    internal static int Move(DomainStatus domain)
    {
        KiB distance = (domain.Target ?? domain.Actual) - domain.Actual;
        return distance > MoveThreshold ? 1 : distance < KiB.Zero - MoveThreshold ? -1 : 0;
    }

    private static ReasonKind Resting(DomainStatus domain)
    {
        ReportVerdict? verdict = EnumText.Parse<ReportVerdict>(domain.ReportVerdict);
        if (verdict is not (ReportVerdict.Fresh or ReportVerdict.Flooding)) return ReasonKind.Silent;
        if (domain.Need > domain.Target)
        {
            return domain.Entitlement > domain.Target ? ReasonKind.WaitingForMemory : ReasonKind.AtShare;
        }

        return domain.Target >= domain.DynamicMax && domain.Want >= domain.DynamicMax
            ? ReasonKind.AtMaximum
            : ReasonKind.Balanced;
    }
}
