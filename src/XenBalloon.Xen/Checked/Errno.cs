namespace XenBalloon.Xen.Checked;

/// <summary>The few error numbers of Linux that mean something to us.</summary>
internal static class Errno
{
    public const int NoEntry = 2;
    public const int NoSuchProcess = 3;
    public const int Interrupted = 4;
    public const int BadDescriptor = 9;
    public const int Again = 11;
    public const int AccessDenied = 13;
    public const int Invalid = 22;
    public const int BrokenPipe = 32;
    public const int NotImplemented = 38;
    public const int ConnectionReset = 104;

    /// <summary>The system's own words, with the number for those who search for it.</summary>
    public static string Describe(int errno) => $"{System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
