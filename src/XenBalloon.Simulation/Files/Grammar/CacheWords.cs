using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The words that describe how a guest's programs read files.</summary>
internal static class CacheWords
{
    private const double MostLookups = 1e9;

    /// <summary>For example <c>working-set 800m lookups 2000 curve long-tail 2</c>, or <c>none</c>.</summary>
    public static Form<CacheDescription> Form { get; } = new Vocabulary<CacheDescription>(
        Entries.Shorthand<CacheDescription>("none", _ => CacheDescription.None),
        Entries.Value<CacheDescription, KiB>("working-set", Forms.Size, cache => cache.WorkingSet, (cache, size) => cache with { WorkingSet = size }),
        Entries.Value<CacheDescription, double>("lookups", Forms.Number(0, MostLookups), cache => cache.LookupsPerSecond, (cache, rate) => cache with { LookupsPerSecond = rate }),
        Entries.Value<CacheDescription, MissCurve>("curve", CurveForm.Any, cache => cache.Curve, (cache, curve) => cache with { Curve = curve }))
        .InOneValue(CacheDescription.None);
}
