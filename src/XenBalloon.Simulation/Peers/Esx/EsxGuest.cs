using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Peers.Common;

namespace XenBalloon.Simulation.Peers.Esx;

/// <summary>A guest as ESX allocates to it.</summary>
/// <param name="Guest">The domain.</param>
/// <param name="Active">What it is believed to use.</param>
/// <param name="IsSampled">Whether that has been found out, and is not only supposed until the first period of sampling is over.</param>
internal readonly record struct EsxGuest(PeerGuest Guest, KiB Active, bool IsSampled)
{
    // Mem.CtlMaxPercent: a balloon takes no more than this of a guest's configured memory, which is what it boots with there.
    private const double MostBallooned = 0.65;

    // What a guest is reckoned to need is its active memory and a quarter more.
    private const double Demand = 1.25;

    /// <summary>Its reservation, none where nothing was said, but what a balloon may leave it at least.</summary>
    public KiB Lower => Guest.Terms.Minimum ?? Guest.Terms.BootMemory.Times(1 - MostBallooned);

    /// <summary>Its limit.</summary>
    public KiB Upper => KiB.Max(Lower, Guest.Terms.Maximum);

    /// <summary>Whether it would touch more if it had more: in ESX that takes free memory, and so sets reclamation off.</summary>
    public bool Lacks => Active.Times(Demand) > Guest.Target;
}
