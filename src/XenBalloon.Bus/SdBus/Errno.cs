namespace XenBalloon.Bus.SdBus;

/// <summary>The errnos that mean something to us.</summary>
internal static class Errno
{
    internal const int NotPermitted = 1;
    internal const int InputOutput = 5;
    internal const int AccessDenied = 13;
    internal const int Exists = 17;
}
