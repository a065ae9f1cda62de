using System.Collections.Immutable;
using XenBalloon.Core;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// Tells what clients must learn at once from the numbers that each report changes. Announcing these alone cost more
/// than the balancing.
/// </summary>
internal static class PublicationNews
{
    /// <summary>Whether a publication differs from an earlier one in more than such numbers.</summary>
    internal static bool IsNews(this Publication now, Publication before) =>
        now.Plan.IsMoving
        || !now.Plan.Commands.IsEmpty
        || !now.Plan.Ended.IsEmpty
        || !now.Reservations.IsEmpty
        || !before.Reservations.IsEmpty
        || now.Holds != before.Holds
        || now.Alarms != before.Alarms
        || (now.Mode, now.ModeReason) != (before.Mode, before.ModeReason)
        || !ReferenceEquals(now.Settings, before.Settings)
        || (now.Plan.Host.Pressure, now.Plan.Host.Alarm) != (before.Plan.Host.Pressure, before.Plan.Host.Alarm)
        || HasNews(now.Plan.Domains, before.Plan.Domains);

    private static bool HasNews(ImmutableArray<DomainDecision> now, ImmutableArray<DomainDecision> before)
    {
        if (now == before) return false;
        if (now.Length != before.Length) return true;
        for (int i = 0; i < now.Length; i++)
        {
            // The balancer reuses the decision of a domain for which nothing has changed.
            bool isSame = ReferenceEquals(now[i], before[i]) || now[i].DiffersOnlyInNumbers(before[i]);
            if (!isSame) return true;
        }

        return false;
    }
}
