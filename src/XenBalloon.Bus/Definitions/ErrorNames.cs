namespace XenBalloon.Bus.Definitions;

/// <summary>The D-Bus names of errors: ours, and those of the bus that mean something to us.</summary>
internal static class ErrorNames
{
    internal const string NoSuchDomain = "org.xenballoon.Balloon1.Error.NoSuchDomain";
    internal const string NoSuchReservation = "org.xenballoon.Balloon1.Error.NoSuchReservation";
    internal const string NotEnoughMemory = "org.xenballoon.Balloon1.Error.NotEnoughMemory";
    internal const string DomainsRefused = "org.xenballoon.Balloon1.Error.DomainsRefused";
    internal const string BelowMinimum = "org.xenballoon.Balloon1.Error.BelowMinimum";
    internal const string NotReady = "org.xenballoon.Balloon1.Error.NotReady";
    internal const string InvalidArgument = "org.xenballoon.Balloon1.Error.InvalidArgument";
    internal const string Failed = "org.xenballoon.Balloon1.Error.Failed";

    internal const string AccessDenied = "org.freedesktop.DBus.Error.AccessDenied";
    internal const string ServiceUnknown = "org.freedesktop.DBus.Error.ServiceUnknown";
    internal const string SpawnFailed = "org.freedesktop.DBus.Error.Spawn.ServiceNotFound";
    internal const string NameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner";
    internal const string UnknownObject = "org.freedesktop.DBus.Error.UnknownObject";
    internal const string NoReply = "org.freedesktop.DBus.Error.NoReply";
    internal const string Timeout = "org.freedesktop.DBus.Error.Timeout";
    internal const string Disconnected = "org.freedesktop.DBus.Error.Disconnected";

    /// <summary>The error that tells of a refusal.</summary>
    internal static string Of(ControlRefusal refusal) => refusal switch
    {
        ControlRefusal.InvalidArgument => InvalidArgument,
        ControlRefusal.NoSuchDomain => NoSuchDomain,
        ControlRefusal.NoSuchReservation => NoSuchReservation,
        ControlRefusal.NotEnoughMemory => NotEnoughMemory,
        ControlRefusal.DomainsRefused => DomainsRefused,
        ControlRefusal.BelowMinimum => BelowMinimum,
        ControlRefusal.NotReady => NotReady,
        _ => Failed,
    };
}
