using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>An <c>sd_bus</c>. Released, it sends what is queued and closes.</summary>
internal sealed class BusHandle() : SafeHandle(0, ownsHandle: true)
{
    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibSystemd.sd_bus_flush_close_unref(handle);
        return true;
    }
}
