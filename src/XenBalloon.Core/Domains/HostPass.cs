using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Domains;

/// <summary>The input of one balancing pass.</summary>
/// <param name="Snapshot">The host now.</param>
/// <param name="Settings">The operator's settings.</param>
/// <param name="Rules">The safety rules in force.</param>
internal readonly record struct HostPass(HostSnapshot Snapshot, BalancerSettings Settings, SafetyRules Rules)
{
    private const double DefaultKeepFreeFraction = 0.03;

    /// <summary>The time of the pass, on the snapshot's clock.</summary>
    internal TimeSpan Now => Snapshot.At;

    /// <summary>The keep-free pool in force.</summary>
    internal KiB KeepFree => Settings.KeepFree ?? Snapshot.Total.Times(DefaultKeepFreeFraction);
}
