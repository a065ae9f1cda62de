using System.Runtime.InteropServices;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Watches;

/// <summary>Wakes a thread that sits in poll.</summary>
internal sealed class WakeDescriptor : IDisposable
{
    private int descriptor;

    public WakeDescriptor()
    {
        this.descriptor = Libc.EventDescriptor(0, Libc.EventCloseOnExec);
        if (this.descriptor < 0) throw new IOException($"eventfd: {Errno.Describe(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>To be polled for reading.</summary>
    public int Value => this.descriptor;

    /// <summary>Makes it readable, from now on.</summary>
    public unsafe void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(this.descriptor, &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref this.descriptor, -1);
        if (descriptor >= 0) _ = Libc.Close(descriptor);
    }
}
