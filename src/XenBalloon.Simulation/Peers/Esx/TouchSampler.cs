using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Esx;

/// <summary>Samples all guests in periods of 30 s.</summary>
/// <param name="seed">Where chance comes from.</param>
internal sealed class TouchSampler(ulong seed)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly Dictionary<DomainIdentity, ActiveEstimate> estimates = [];
    private TimeSpan periodBegan;

    /// <summary>Where to look; null to take the guests' word.</summary>
    public ITouchedMemory? Memory { get; set; }

    /// <summary>Looks at the guests, and says what each is believed to use.</summary>
    public IEnumerable<EsxGuest> Look(IReadOnlyList<PeerGuest> guests, TimeSpan now)
    {
        bool ends = now - periodBegan >= Period;
        double elapsed = Math.Clamp((now - periodBegan) / Period, 0, 1);
        if (ends) periodBegan = now;
        foreach (PeerGuest guest in guests)
        {
            if (!estimates.TryGetValue(guest.Identity, out ActiveEstimate? estimate))
                estimates.Add(guest.Identity, estimate = new ActiveEstimate(Noise.Bits(seed, (ulong)guest.Identity.Domid)));
            if (Touched(guest) is { } touched)
            {
                if (ends) estimate.EndPeriod(touched);
                else estimate.Look(touched, elapsed);
            }

            yield return new EsxGuest(guest, estimate.Of(guest.Actual), estimate.IsKnown);
        }
    }

    private double? Touched(PeerGuest guest)
    {
        KiB? seen = Memory?.Touched(guest.Identity) ?? (guest.Vitals is { } vitals ? guest.Actual - vitals.Available : null);
        return seen is { } touched ? Math.Clamp(touched.Value / (double)guest.Actual.Value, 0, 1) : null;
    }
}
