using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>An <c>sd_bus_track</c>: follows names on the bus, until it is released.</summary>
internal sealed class TrackHandle() : SafeHandle(0, ownsHandle: true)
{
    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibSystemd.sd_bus_track_unref(handle);
        return true;
    }
}
