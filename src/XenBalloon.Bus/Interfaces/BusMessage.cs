using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Interfaces;

/// <summary>Begins messages of ours; their arguments follow.</summary>
internal static class BusMessage
{
    /// <summary>Begins a call of the daemon.</summary>
    internal static MessageWriter StartCall(
        DBusConnection connection, string path, string interfaceName, string member, string signature)
    {
        MessageWriter writer = connection.GetMessageWriter();
        writer.WriteMethodCallHeader(
            BusNames.Service,
            path,
            interfaceName,
            member,
            signature,

            // A look at the host must not start the daemon, which would begin to move memory. A caller that waits for
            // an answer can wait for a password too.
            MessageFlags.NoAutoStart | MessageFlags.AllowInteractiveAuthorization);
        return writer;
    }

    /// <summary>Begins a signal of an object of ours.</summary>
    internal static MessageWriter StartSignal(
        DBusConnection connection, string path, string interfaceName, string member, string signature)
    {
        MessageWriter writer = connection.GetMessageWriter();
        writer.WriteSignalHeader(path: path, @interface: interfaceName, member: member, signature: signature);
        return writer;
    }

    /// <summary>Asks an object for all properties of an interface.</summary>
    internal static MessageBuffer GetAll(DBusConnection connection, string path, string interfaceName)
    {
        MessageWriter writer = StartCall(connection, path, "org.freedesktop.DBus.Properties", "GetAll", "s");
        writer.WriteString(interfaceName);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }

    /// <summary>Asks for all domains and reservations.</summary>
    internal static MessageBuffer GetManagedObjects(DBusConnection connection)
    {
        MessageWriter writer = StartCall(
            connection, BusNames.Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "");
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }
}
