namespace XenBalloon.EndToEnd.Rig;

public enum GuestKind
{
    Pv,
    Pvh,
}
