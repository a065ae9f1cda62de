using XenBalloon.Bus.Definitions;
using XenBalloon.Core.Memory;

namespace XenBalloon.Bus.Objects;

/// <summary>Sizes on the bus: KiB as <c>t</c>, with 0 for one that is not known, since no domain has a size of nothing.</summary>
internal static class Sizes
{
    internal static BusValue ToBus(KiB? size) => (ulong)Math.Max(0, size?.Value ?? 0);

    /// <summary>What no machine has is left to whoever checks it, but not so large that its arithmetic would overflow.</summary>
    internal static KiB FromBus(BusValue value) => new((long)Math.Min(value.Number, 1UL << 62));

    internal static KiB? KnownFromBus(BusValue value) => value.Number == 0 ? null : FromBus(value);
}
