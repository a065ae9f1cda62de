namespace XenBalloon.Bus.Interfaces;

/// <summary>The D-Bus names of errors that are the bus's own; ours are in <see cref="ControlErrors"/>.</summary>
internal static class BusErrors
{
    internal const string ServiceUnknown = Prefix + "ServiceUnknown";
    internal const string ServiceNotFound = Prefix + "Spawn.ServiceNotFound";
    internal const string NameHasNoOwner = Prefix + "NameHasNoOwner";
    internal const string NoReply = Prefix + "NoReply";
    internal const string AccessDenied = Prefix + "AccessDenied";
    internal const string LimitsExceeded = Prefix + "LimitsExceeded";
    internal const string UnknownObject = Prefix + "UnknownObject";
    internal const string UnknownInterface = Prefix + "UnknownInterface";
    internal const string UnknownMethod = Prefix + "UnknownMethod";
    internal const string UnknownProperty = Prefix + "UnknownProperty";
    internal const string PropertyReadOnly = Prefix + "PropertyReadOnly";
    internal const string InvalidArgs = Prefix + "InvalidArgs";

    private const string Prefix = "org.freedesktop.DBus.Error.";
}

/// <summary>A call is answered with a D-Bus error that is not one of <see cref="ControlErrors"/>.</summary>
/// <param name="name">The error's D-Bus name.</param>
/// <param name="message">One line that says what is wrong.</param>
internal sealed class BusErrorException(string name, string message) : Exception(message)
{
    /// <summary>The error's D-Bus name.</summary>
    internal string Name { get; } = name;
}
