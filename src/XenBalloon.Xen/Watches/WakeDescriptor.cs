using System.Runtime.InteropServices;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Watches;

/// <summary>Wakes a thread that sits in poll.</summary>
internal sealed class WakeDescriptor : IDisposable
{
    private int _descriptor;

    public WakeDescriptor()
    {
        _descriptor = Posix.EventDescriptor(0, Posix.CloseOnExec);
        if (_descriptor < 0) throw new IOException($"eventfd: {Errno.Describe(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>To be polled for reading.</summary>
    public int Value => _descriptor;

    /// <summary>Makes it readable, from now on.</summary>
    public unsafe void Wake()
    {
        ulong one = 1;
        _ = Posix.Write(_descriptor, &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0) _ = Posix.Close(descriptor);
    }
}
