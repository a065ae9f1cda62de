using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>Leaves out of random events those that a scenario check would refuse.</summary>
internal static class SoundEvents
{
    /// <summary>Those that come once the guest can be there, and have before them what they need.</summary>
    public static IEnumerable<GuestEvent> Of(IEnumerable<GuestEvent> events, TimeSpan createdAt)
    {
        GuestEventKind? open = null;
        foreach (GuestEvent happening in events.Where(happening => happening.At >= createdAt))
        {
            if (happening.Kind == GuestEventKind.Restore && open != GuestEventKind.Save) continue;
            if (happening.Kind == GuestEventKind.Resume && open != GuestEventKind.Suspend) continue;
            if (happening.Kind is GuestEventKind.Save or GuestEventKind.Suspend) open = happening.Kind;
            else if (happening.Kind is GuestEventKind.Restore or GuestEventKind.Resume) open = null;
            yield return happening;
        }
    }
}
