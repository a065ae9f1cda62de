using System.Collections.Immutable;
using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Interfaces;

/// <summary>A method call from another client; it gets one reply.</summary>
/// <param name="context">The library's object.</param>
/// <param name="uid">The uid that the caller connected with.</param>
/// <param name="process">The process that the caller connected from; null if the bus does not know it.</param>
internal sealed class BusCall(MethodContext context, uint uid, uint? process)
{
    /// <summary>
    /// A flag that D-Bus does not define: the message was too large, and its arguments were left out.
    /// </summary>
    internal const MessageFlags WithoutArguments = (MessageFlags)0x80;

    /// <summary>Enough for the 50 lines of errors that Reload may report.</summary>
    private const int MaxErrorLength = 20_000;

    /// <summary>For callers that are not authorized. The error may quote what they sent.</summary>
    private const int MaxUnauthorizedErrorLength = 500;

    /// <summary>The uid that the caller connected with.</summary>
    internal uint Uid => uid;

    /// <summary>The process that the caller connected from; null if the bus does not know it.</summary>
    internal uint? Process => process;

    /// <summary>Whether the caller is root.</summary>
    internal bool IsFromRoot => uid == 0;

    /// <summary>Whether the caller was authorized to make a change.</summary>
    internal bool IsAuthorized { get; set; }

    /// <summary>Who makes a change, for the log; empty for a call that changes nothing.</summary>
    internal string Requester { get; set; } = "";

    /// <summary>The object's path.</summary>
    internal string Path { get; } = context.Request.PathAsString ?? "";

    /// <summary>The interface; null if the caller did not name one.</summary>
    internal string? Interface { get; } = context.Request.InterfaceAsString;

    /// <summary>The method's name.</summary>
    internal string Member { get; } = context.Request.MemberAsString ?? "";

    /// <summary>The caller's unique name.</summary>
    internal string Caller { get; } = context.Request.SenderAsString ?? "";

    /// <summary>Whether the caller allows polkit to ask for a password, which delays the reply.</summary>
    internal bool AllowsInteraction { get; } =
        context.Request.MessageFlags.HasFlag(MessageFlags.AllowInteractiveAuthorization);

    /// <summary>Whether the message was too large, so that its arguments were left out.</summary>
    internal bool IsWithoutArguments { get; } = context.Request.MessageFlags.HasFlag(WithoutArguments);

    /// <summary>Whether the call is an introspection request.</summary>
    internal bool IsIntrospection => context.IsDBusIntrospectRequest;

    /// <summary>A reader at the first argument.</summary>
    /// <exception cref="BusErrorException">
    /// The arguments have other types. The library's reader does not check them.
    /// </exception>
    internal Reader ReadArguments(string signature)
    {
        string given = context.Request.SignatureAsString ?? "";
        if (given == signature) return context.Request.GetBodyReader();
        throw new BusErrorException(
            BusErrors.InvalidArgs, $"invalid arguments of type '{given}' for {Member}: expected '{signature}'");
    }

    /// <summary>Replies without values when the work is done.</summary>
    internal async Task ReplyAsync(Task work)
    {
        await work;
        Reply(null, static (ref writer) => { });
    }

    /// <summary>Replies with an object path when the work is done.</summary>
    internal async Task ReplyAsync(Task<string> work, string signature)
    {
        string path = await work;
        Reply(signature, (ref writer) => BusValue.WritePath(ref writer, path));
    }

    /// <summary>Replies with a list of strings when the work is done.</summary>
    internal async Task ReplyAsync(Task<ImmutableArray<string>> work, string signature)
    {
        ImmutableArray<string> texts = await work;
        Reply(signature, (ref writer) => BusValue.Write(ref writer, texts));
    }

    /// <summary>Replies.</summary>
    internal void Reply(string? signature, WriteBody write)
    {
        MessageWriter writer = context.CreateReplyWriter(signature);
        try
        {
            write(ref writer);
            context.Reply(writer.CreateMessage());
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Replies with an object's interfaces and children.</summary>
    internal void ReplyIntrospection(ReadOnlySpan<ReadOnlyMemory<byte>> interfaces, IList<string> children) =>
        context.ReplyIntrospectXml(interfaces, children);

    /// <summary>Replies with an error, whose message is truncated.</summary>
    internal void ReplyError(string name, string message)
    {
        int most = IsAuthorized ? MaxErrorLength : MaxUnauthorizedErrorLength;
        string clean = BusValue.Sanitize(message);
        context.ReplyError(name, clean.Length <= most ? clean : clean[..most] + "…");
    }

    /// <summary>Writes the values of a reply.</summary>
    internal delegate void WriteBody(ref MessageWriter writer);
}

/// <summary>The daemon, as a client calls it.</summary>
/// <param name="Connection">The client's connection.</param>
/// <param name="Name">The daemon's name on that bus.</param>
internal readonly record struct BusPeer(DBusConnection Connection, string Name);

/// <summary>Starts outgoing messages; the caller writes the arguments.</summary>
internal static class BusMessage
{
    /// <summary>Starts a call to the daemon.</summary>
    internal static MessageWriter StartCall(
        BusPeer daemon, string path, string interfaceName, string member, string signature)
    {
        MessageWriter writer = daemon.Connection.GetMessageWriter();
        writer.WriteMethodCallHeader(
            daemon.Name,
            path,
            interfaceName,
            member,
            signature,

            // Reading a host's state must not start the daemon, which would then move memory. A client that waits for a
            // reply can also wait for a password prompt.
            MessageFlags.NoAutoStart | MessageFlags.AllowInteractiveAuthorization);
        return writer;
    }

    /// <summary>Starts a signal.</summary>
    internal static MessageWriter StartSignal(
        DBusConnection connection, string path, string interfaceName, string member, string signature)
    {
        MessageWriter writer = connection.GetMessageWriter();
        writer.WriteSignalHeader(path: path, @interface: interfaceName, member: member, signature: signature);
        return writer;
    }

    /// <summary>A call that reads all properties of an interface.</summary>
    internal static MessageBuffer GetAll(BusPeer daemon, string path, string interfaceName)
    {
        MessageWriter writer = StartCall(daemon, path, "org.freedesktop.DBus.Properties", "GetAll", "s");
        writer.WriteString(interfaceName);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }

    /// <summary>A call that does nothing. The library answers it, in the order in which the daemon sends.</summary>
    internal static MessageBuffer Ping(BusPeer daemon)
    {
        MessageWriter writer = StartCall(daemon, BusNames.Root, "org.freedesktop.DBus.Peer", "Ping", "");
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }

    /// <summary>A call that reads all domains and reservations.</summary>
    internal static MessageBuffer GetManagedObjects(BusPeer daemon)
    {
        MessageWriter writer = StartCall(
            daemon, BusNames.Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "");
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }
}
