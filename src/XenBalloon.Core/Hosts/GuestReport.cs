using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>
/// What a guest said of its own memory, parsed and bounded, but still an untrusted guest's word. Only reports that arrived while we listened become
/// one: a value found in xenstore when we first look is of unknown age.
/// </summary>
/// <param name="Source">Who wrote it.</param>
/// <param name="Used">What the guest says is in use and cannot be given back without harm: total − available.</param>
/// <param name="Total">What the guest's kernel manages (MemTotal), less than what the hypervisor holds for it; null where the source does not say.</param>
/// <param name="ReceivedAt">When it arrived, on the snapshot's clock. Two reports never have the same time.</param>
public sealed record GuestReport(ReportSource Source, KiB Used, KiB? Total, TimeSpan ReceivedAt)
{
    /// <summary>The kernel's own numbers behind it; null where the source does not say them.</summary>
    public GuestVitals? Vitals { get; init; }

    /// <summary>What the guest could give back (MemAvailable); null where the source does not say.</summary>
    public KiB? Available => Total is { } total ? total - Used : null;
}
