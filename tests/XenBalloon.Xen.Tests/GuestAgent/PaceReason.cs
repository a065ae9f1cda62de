namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>enum why of pace.h.</summary>
internal enum PaceReason
{
    NotNow,
    Started,
    Asked,
    Pressed,
    Moved,
    Settled,
    Heartbeat,
}
