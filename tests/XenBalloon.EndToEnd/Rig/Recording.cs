using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>What happened, in order of time. The first event of each leaf is its watch's own.</summary>
internal sealed class Recording(IEnumerable<RecordedEvent> events)
{
    private readonly IReadOnlyList<RecordedEvent> events = [.. events];

    public IReadOnlyList<RecordedEvent> Reports(Guest guest) => Leaf(guest, "data/xenballoon");

    public IReadOnlyList<RecordedEvent> Targets(Guest guest) => Leaf(guest, "memory/target");

    /// <summary>When the guest was told to need so much.</summary>
    public long OrderedAt(Guest guest, int mib) =>
        events.First(e => (e.Path == $"{guest.Path}/data/eat" || e.Path == $"{guest.Path}/data/tmpfs") && e.Value == mib.ToString(CultureInfo.InvariantCulture)).Milliseconds;

    /// <summary>What the hypervisor held for the guest, at each moment when that changed.</summary>
    public IReadOnlyList<RecordedEvent> Held(Guest guest) => [.. events.Where(e => e.Path == string.Create(CultureInfo.InvariantCulture, $"held/{guest.Domid}"))];

    private IReadOnlyList<RecordedEvent> Leaf(Guest guest, string leaf) => [.. events.Where(e => e.Path == $"{guest.Path}/{leaf}").Skip(1)];
}
