using System.Runtime.InteropServices;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>An answer that we wait for.</summary>
internal abstract class PendingReply : IDisposable
{
    private GCHandle self;
    private SlotHandle? slot;

    /// <summary>Stops waiting.</summary>
    public void Dispose()
    {
        slot?.Dispose();
        slot = null;
        if (self.IsAllocated) self.Free();
    }

    /// <summary>Sends the call and has <see cref="Complete"/> called with the answer, or with an error for want of one.</summary>
    internal unsafe void Send(BusHandle bus, Message call, ulong timeoutMicroseconds)
    {
        self = GCHandle.Alloc(this);
        Checked.Result(LibSystemd.sd_bus_call_async(bus, out slot, call, &Callbacks.OnReply, GCHandle.ToIntPtr(self), timeoutMicroseconds));
    }

    /// <summary>The answer is here.</summary>
    internal abstract void Complete(Message reply);
}
