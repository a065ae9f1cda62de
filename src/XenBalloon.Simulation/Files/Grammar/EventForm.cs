using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>What happens to a guest, and when: <c>40s mem-set 300m</c>.</summary>
internal static class EventForm
{
    private static readonly Form<GuestEventKind> Kind = Forms.Choice(
        ("pause", GuestEventKind.Pause),
        ("unpause", GuestEventKind.Unpause),
        ("mem-set", GuestEventKind.SetTarget),
        ("mem-max", GuestEventKind.SetMaxMem),
        ("suspend", GuestEventKind.Suspend),
        ("resume", GuestEventKind.Resume),
        ("save", GuestEventKind.Save),
        ("restore", GuestEventKind.Restore),
        ("reboot", GuestEventKind.Reboot),
        ("migrate", GuestEventKind.MigrateAway),
        ("crash", GuestEventKind.Crash),
        ("destroy", GuestEventKind.Destroy));

    /// <summary>The form of any event.</summary>
    public static Form<GuestEvent> Any { get; } = new(Read, Write);

    private static GuestEvent Read(ValueReader value)
    {
        TimeSpan at = Forms.Time.Read(value);
        GuestEventKind kind = Kind.Read(value);
        return new GuestEvent(at, kind, HasSize(kind) ? Forms.Size.Read(value) : default);
    }

    private static string Write(GuestEvent happening) =>
        $"{Forms.Time.Write(happening.At)} {Kind.Write(happening.Kind)}" + (HasSize(happening.Kind) ? $" {Forms.Size.Write(happening.Value)}" : "");

    private static bool HasSize(GuestEventKind kind) => kind is GuestEventKind.SetTarget or GuestEventKind.SetMaxMem;
}
