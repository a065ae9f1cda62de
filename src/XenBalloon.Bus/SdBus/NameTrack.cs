using System.Runtime.InteropServices;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>Follows one name on the bus, and tells once when it is there no more.</summary>
internal sealed unsafe class NameTrack(SdBusConnection connection, Action left) : IDisposable
{
    private GCHandle self;
    private TrackHandle? track;

    /// <inheritdoc/>
    public void Dispose()
    {
        track?.Dispose();
        track = null;
        if (self.IsAllocated) self.Free();
        connection.Forget(this);
    }

    /// <summary>Begins; whoever is not there has left.</summary>
    internal void Begin(BusHandle bus, string name)
    {
        connection.Remember(this);
        self = GCHandle.Alloc(this);
        Checked.Result(LibSystemd.sd_bus_track_new(bus, out track, &Callbacks.OnNameLost, GCHandle.ToIntPtr(self)));
        if (LibSystemd.sd_bus_track_add_name(track, name) < 0) connection.Post(Lose);
    }

    /// <summary>It is there no more, says sd-bus, which must not lose the track while it goes through all of them.</summary>
    internal void OnLost() => connection.Post(Lose);

    private void Lose()
    {
        if (track is null) return;
        Dispose();
        left();
    }
}
