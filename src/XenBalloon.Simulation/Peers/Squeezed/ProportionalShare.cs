using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>squeezed's one policy: everybody at the same part γ of the way from dynamic-min to dynamic-max, whatever he needs.</summary>
internal static class ProportionalShare
{
    /// <summary>The targets at which about the wanted amount is free.</summary>
    /// <param name="host">The host.</param>
    /// <param name="active">The domains that can move, whose targets are worked out.</param>
    /// <param name="wanted">What is to be free.</param>
    public static IReadOnlyDictionary<int, KiB> Targets(SqueezedHost host, IReadOnlyList<SqueezedDomain> active, KiB wanted)
    {
        KiB surplus = KiB.Max(KiB.Zero, host.MostFree(active) - wanted);
        long ranges = active.Sum(domain => domain.Range.Value);
        double gamma = ranges == 0 ? 0 : Math.Min(1, surplus.Value / (double)ranges);
        return active.ToDictionary(domain => domain.Id, domain => domain.Minimum + domain.Range.Times(gamma));
    }
}
