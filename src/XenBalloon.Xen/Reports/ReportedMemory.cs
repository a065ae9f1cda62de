using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Reports;

/// <summary>What a guest's leaves say, once they have proven to say something possible.</summary>
/// <param name="Source">Who wrote them.</param>
/// <param name="Used">In use; between nothing and the most the guest can have.</param>
/// <param name="Total">What the guest's kernel manages; null where the source does not say.</param>
/// <param name="Vitals">The kernel's numbers behind it; null where the source does not say.</param>
internal readonly record struct ReportedMemory(ReportSource Source, KiB Used, KiB? Total, GuestVitals? Vitals = null);
