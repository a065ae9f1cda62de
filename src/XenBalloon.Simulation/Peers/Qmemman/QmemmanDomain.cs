using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Qmemman;

/// <summary>A domain as qmemman sees it.</summary>
/// <param name="Id">Its domid; 0 is dom0.</param>
/// <param name="Used">What its meminfo-writer last said is in use, swap included; null while it has said nothing.</param>
/// <param name="Actual">What it holds, or may take by the last target if that is more.</param>
/// <param name="Maximum">static-max.</param>
/// <param name="LastTarget">The last size that it was told.</param>
/// <param name="NoProgress">Whether it did not react to its last target: it is left out.</param>
internal sealed record QmemmanDomain(int Id, KiB? Used, KiB Actual, KiB Maximum, KiB LastTarget, bool NoProgress = false)
{
    private const double CacheFactor = 1.3;
    private static readonly KiB LeastPreference = KiB.FromMiB(200);

    // As dom0 must have a large cache for the guests' disks.
    private static readonly KiB Dom0Boost = KiB.FromMiB(350);

    /// <summary>Whether it takes part.</summary>
    public bool TakesPart => Used is not null && !NoProgress;

    /// <summary>prefmem: what it should have. Its minimum, should its administrator have set one, is unknown to qmemman.</summary>
    public KiB Preferred
    {
        get
        {
            KiB factored = (Used ?? KiB.Zero).Times(CacheFactor);
            return Id == 0 ? KiB.Min(factored + Dom0Boost, Maximum) : KiB.Max(KiB.Min(factored, Maximum), LeastPreference);
        }
    }

    /// <summary>What it lacks; negative for what it could give.</summary>
    public KiB Needed => Preferred - Actual;
}
