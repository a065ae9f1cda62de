using System.Runtime.InteropServices;

namespace XenBalloon.Posix;

/// <summary>The error numbers of Linux that XenBalloon distinguishes.</summary>
internal static class Errno
{
    internal const int NotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int NoSuchProcess = 3;
    internal const int Interrupted = 4;
    internal const int BadDescriptor = 9;
    internal const int Again = 11;
    internal const int AccessDenied = 13;
    internal const int NotDirectory = 20;
    internal const int Invalid = 22;
    internal const int BrokenPipe = 32;
    internal const int ProtocolNotSupported = 93;
    internal const int ConnectionReset = 104;

    /// <summary>The system's message and the number, such as <c>Permission denied (errno 13)</c>.</summary>
    internal static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
