namespace XenBalloon.Bus.Definitions;

/// <summary>The D-Bus names of errors: ours, and those of the bus that mean something to us.</summary>
internal static class ErrorNames
{
    internal const string NoSuchDomain = "org.xenballoon.Balloon1.Error.NoSuchDomain";
    internal const string InvalidArgument = "org.xenballoon.Balloon1.Error.InvalidArgument";
    internal const string Failed = "org.xenballoon.Balloon1.Error.Failed";

    internal const string AccessDenied = "org.freedesktop.DBus.Error.AccessDenied";
    internal const string ServiceUnknown = "org.freedesktop.DBus.Error.ServiceUnknown";
    internal const string NameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner";
    internal const string NoReply = "org.freedesktop.DBus.Error.NoReply";
    internal const string Timeout = "org.freedesktop.DBus.Error.Timeout";
    internal const string Disconnected = "org.freedesktop.DBus.Error.Disconnected";
}
