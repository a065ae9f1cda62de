using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Checked;

/// <summary>The machine's memory.</summary>
/// <param name="Total">All of it.</param>
/// <param name="Free">Free pages, claimed ones included.</param>
/// <param name="Outstanding">Claimed by domains under construction, and not yet allocated.</param>
internal readonly record struct HypervisorMemory(KiB Total, KiB Free, KiB Outstanding);
