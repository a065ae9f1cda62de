using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>What a guest's programs want of its memory in a tick.</summary>
/// <param name="Hot">Anonymous memory that they use.</param>
/// <param name="Cold">Anonymous memory that they hold and never touch.</param>
/// <param name="Shared">tmpfs and shared memory.</param>
/// <param name="Files">Files that they read again and again.</param>
internal readonly record struct MemoryLoad(KiB Hot, KiB Cold, KiB Shared, KiB Files)
{
    /// <summary>All that has to be in RAM or in swap.</summary>
    public KiB Unreclaimable => Hot + Cold + Shared;
}
