using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The words that describe a guest's swap.</summary>
internal static class SwapWords
{
    /// <summary>For example <c>size 512m speed 100m/s</c>, or <c>none</c>.</summary>
    public static Form<SwapDescription> Form { get; } = new Vocabulary<SwapDescription>(
        Entries.Shorthand<SwapDescription>("none", swap => swap with { Size = KiB.Zero }),
        Entries.Value<SwapDescription, KiB>("size", Forms.Size, swap => swap.Size, (swap, size) => swap with { Size = size }),
        Entries.Value<SwapDescription, KiB>("speed", Forms.Rate, swap => swap.PerSecond, (swap, speed) => swap with { PerSecond = speed }))
        .InOneValue(new SwapDescription());
}
