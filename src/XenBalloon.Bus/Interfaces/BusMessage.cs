using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Interfaces;

/// <summary>A method call of another program's that we handle and answer once.</summary>
internal sealed class BusCall(MethodContext context)
{
    /// <summary>Room for the errors of a configuration that Reload reports: 50 lines.</summary>
    private const int LongestMessage = 20_000;

    /// <summary>The object's path.</summary>
    internal string Path { get; } = context.Request.PathAsString ?? "";

    /// <summary>The interface that was named; null where none was.</summary>
    internal string? Interface { get; } = context.Request.InterfaceAsString;

    /// <summary>The method's name.</summary>
    internal string Member { get; } = context.Request.MemberAsString ?? "";

    /// <summary>The unique name of the caller.</summary>
    internal string Caller { get; } = context.Request.SenderAsString ?? "";

    /// <summary>Whether the caller lets polkit ask for a password, which takes its time.</summary>
    internal bool AllowsInteraction { get; } =
        context.Request.MessageFlags.HasFlag(MessageFlags.AllowInteractiveAuthorization);

    /// <summary>Whether the call asks for introspection.</summary>
    internal bool IsIntrospection => context.IsDBusIntrospectRequest;

    /// <summary>The arguments, to be read in their order.</summary>
    /// <exception cref="BusErrorException">
    /// They have other types: the reader trusts its user, and would make numbers of text.
    /// </exception>
    internal Reader ReadArguments(string signature)
    {
        string given = context.Request.SignatureAsString ?? "";
        if (given == signature) return context.Request.GetBodyReader();
        throw new BusErrorException(
            BusErrors.InvalidArgs, $"invalid arguments of type '{given}' for {Member}: expected '{signature}'");
    }

    /// <summary>Answers with nothing when the work is done.</summary>
    internal async Task AnswerAsync(Task work)
    {
        await work;
        Answer(null, static (ref writer) => { });
    }

    /// <summary>Answers with a path when the work is done.</summary>
    internal async Task AnswerAsync(Task<string> work, string signature)
    {
        string path = await work;
        Answer(signature, (ref writer) => BusValue.WritePath(ref writer, path));
    }

    /// <summary>Answers.</summary>
    internal void Answer(string? signature, WriteBody write)
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

    /// <summary>Answers with what an object's interfaces and children are.</summary>
    internal void AnswerIntrospection(ReadOnlySpan<ReadOnlyMemory<byte>> interfaces, IList<string> children) =>
        context.ReplyIntrospectXml(interfaces, children);

    /// <summary>
    /// Answers with an error. What a caller sent may be in its message, so that is cut where it is too long for a line.
    /// </summary>
    internal void AnswerError(string name, string message)
    {
        string clean = BusValue.Clean(message);
        context.ReplyError(name, clean.Length <= LongestMessage ? clean : clean[..LongestMessage] + "…");
    }

    /// <summary>Writes the values of an answer.</summary>
    internal delegate void WriteBody(ref MessageWriter writer);
}

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
