using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus;

/// <summary>A function of libsystemd failed.</summary>
/// <param name="errno">How: an errno, positive.</param>
/// <param name="call">Which.</param>
internal sealed class SdBusException(int errno, string call) : Exception($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    /// <summary>How: an errno, positive.</summary>
    internal int Errno { get; } = errno;

    /// <summary>The errno in words.</summary>
    internal string Words => Marshal.GetPInvokeErrorMessage(Errno);
}
