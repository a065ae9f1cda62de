using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>What a guest will want, read from the scenario's loads. Each moment is asked about once and remembered.</summary>
/// <param name="description">The guest.</param>
/// <param name="seed">Its own source of chance.</param>
internal sealed class GuestFuture(GuestDescription description, ulong seed)
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(0.5);

    private readonly List<GuestNeed> moments = [];

    /// <summary>The most that is wanted in a span of time.</summary>
    /// <param name="from">Its beginning, since the guest was created.</param>
    /// <param name="length">Its length.</param>
    public GuestNeed Peak(TimeSpan from, TimeSpan length)
    {
        int first = (int)Math.Max(0, from.Ticks / Grain.Ticks);
        int last = (int)((from + length).Ticks / Grain.Ticks) + 1;
        GuestNeed peak = default;
        for (int moment = first; moment <= last; moment++) peak = GuestNeed.Max(peak, At(moment));
        return peak;
    }

    private GuestNeed At(int moment)
    {
        while (moments.Count <= moment)
        {
            TimeSpan time = Grain * moments.Count;
            KiB anonymous = KiB.Max(GuestDescription.EssentialMemory, description.Anonymous.At(time, seed)).CeilingToPage();
            KiB programs = anonymous + description.Shared.At(time, seed).CeilingToPage();
            KiB held = programs + description.Cold.At(time, seed).CeilingToPage();
            moments.Add(new GuestNeed(programs, held, programs + description.Files.At(time, seed).CeilingToPage()));
        }

        return moments[moment];
    }
}
