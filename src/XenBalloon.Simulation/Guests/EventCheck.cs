using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>Finds what cannot be meant in what happens to a guest.</summary>
internal static class EventCheck
{
    /// <summary>The problems.</summary>
    public static IEnumerable<GuestProblem> Problems(GuestDescription guest)
    {
        if (!guest.Events.SequenceEqual(guest.Events.OrderBy(happening => happening.At)))
            yield return new("its events are not in order of time", "at");
        bool saved = false;
        bool suspended = false;
        foreach (GuestEvent happening in guest.Events)
        {
            string moment = $"{happening.Kind} at {happening.At.TotalSeconds} s";
            if (happening.At < (guest.CreatedAt ?? TimeSpan.Zero))
                yield return new($"{moment} comes before it is created", "at", "start");
            if (IsResize(happening.Kind) && happening.Value <= KiB.Zero)
                yield return new($"{moment} has no size", "at");
            if (happening.Kind == GuestEventKind.Restore && !saved)
                yield return new($"{moment} has no Save before it", "at");
            if (happening.Kind == GuestEventKind.Resume && !suspended)
                yield return new($"{moment} has no Suspend before it", "at");
            saved = happening.Kind == GuestEventKind.Save || (saved && happening.Kind != GuestEventKind.Restore);
            suspended = happening.Kind == GuestEventKind.Suspend || (suspended && happening.Kind != GuestEventKind.Resume);
        }
    }

    private static bool IsResize(GuestEventKind kind) => kind is GuestEventKind.SetTarget or GuestEventKind.SetMaxMem;
}
