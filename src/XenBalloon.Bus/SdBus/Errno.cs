namespace XenBalloon.Bus.SdBus;

/// <summary>The errnos that mean something to us, as numbered on Linux.</summary>
internal static class Errno
{
    internal const int NotPermitted = 1;
    internal const int InputOutput = 5;
    internal const int OtherType = 6; // ENXIO, as sd-bus uses it: a message holds another type than the one to be read
    internal const int AccessDenied = 13;
    internal const int Exists = 17;
    internal const int InvalidArgument = 22;
    internal const int BadMessage = 74;
    internal const int TimedOut = 110;
}
