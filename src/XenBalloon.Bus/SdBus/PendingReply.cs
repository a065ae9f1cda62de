using System.Runtime.InteropServices;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>An answer that we wait for; disposed of, we wait no longer.</summary>
internal abstract class PendingReply(SdBusConnection connection) : IDisposable
{
    private GCHandle self;
    private SlotHandle? slot;

    /// <inheritdoc/>
    public void Dispose()
    {
        slot?.Dispose();
        slot = null;
        if (self.IsAllocated) self.Free();
        connection.Forget(this);
    }

    /// <summary>Sends the call, to have <see cref="Complete"/> called with the answer, or with an error for want of one.</summary>
    internal unsafe void Send(BusHandle bus, Message call, ulong timeoutMicroseconds)
    {
        connection.Remember(this);
        self = GCHandle.Alloc(this);
        Checked.Result(LibSystemd.sd_bus_call_async(bus, out slot, call, &Callbacks.OnReply, GCHandle.ToIntPtr(self), timeoutMicroseconds));
    }

    /// <summary>The answer is here, and sd-bus keeps nothing of the call unless we let it.</summary>
    internal void Complete(Message reply)
    {
        using PendingReply until = this;
        Take(reply);
    }

    /// <summary>Reads the answer.</summary>
    protected abstract void Take(Message reply);
}
