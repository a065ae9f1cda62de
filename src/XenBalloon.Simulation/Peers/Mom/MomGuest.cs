using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Mom;

/// <summary>A guest as MOM's rules see it.</summary>
/// <param name="Current">What it has (<c>balloon_cur</c>).</param>
/// <param name="Used">What it used on average (<c>balloon_cur</c> − <c>mem_unused</c>).</param>
/// <param name="Minimum">The least that it may have.</param>
/// <param name="Maximum">The most that it may have.</param>
internal readonly record struct MomGuest(KiB Current, KiB Used, KiB Minimum, KiB Maximum);
