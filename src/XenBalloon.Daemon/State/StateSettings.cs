using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.State;

/// <summary>What was said of a domain, in the file; its name is for people only.</summary>
internal sealed record StateSettings(Guid Uuid, string? Name, long? MinKib, long? MaxKib, int? Weight, long? PinKib, bool? Managed)
{
    internal static StateSettings Of(Guid uuid, string? name, DomainSettings settings) =>
        new(uuid, name, settings.Minimum?.Value, settings.Maximum?.Value, settings.Weight, settings.Pin?.Value, settings.Managed);

    internal DomainSettings ToSettings() => new()
    {
        Minimum = Size(MinKib),
        Maximum = Size(MaxKib),
        Weight = Weight is >= 1 and <= 10_000 or null ? Weight : throw new FormatException($"{Weight} is no weight"),
        Pin = Size(PinKib),
        Managed = Managed,
    };

    private static KiB? Size(long? kib) => kib is { } known ? StateSizes.Check(known) : null;
}
