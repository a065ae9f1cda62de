using System.Globalization;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Connections;

/// <summary>
/// A connection to a bus. The library has no time limits and no cancellation, so everything that is awaited here has a
/// limit of ours.
/// </summary>
internal sealed class BusConnection : IDisposable
{
    private const string BusName = "org.freedesktop.DBus", BusPath = "/org/freedesktop/DBus";

    /// <summary>How long the bus may take; it answers in a millisecond unless it hangs.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    private readonly BusTransport transport;

    private BusConnection(BusTransport transport)
    {
        this.transport = transport;

        // A handler's or a reader's fault concerns one message; by default the library would close the connection for
        // it.
        transport.OnException = failure =>
            failure.DisconnectConnection = failure.Source == DBusConnection.ExceptionSource.ConnectionFailed;
        Library = new DBusConnection(transport);
    }

    /// <summary>The library's connection.</summary>
    internal DBusConnection Library { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="BusUnavailableException">There is no bus.</exception>
    internal static async Task<BusConnection> OpenAsync(BusTransport transport)
    {
        var connection = new BusConnection(transport);
        try
        {
            await connection.Library.ConnectAsync().AsTask().WaitAsync(transport.ConnectsWithin).ConfigureAwait(false);
            return connection;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            BusUnavailableException unavailable = transport.Explain(exception);
            connection.Dispose();
            throw unavailable;
        }
    }

    /// <summary>
    /// Whether an exception tells that a request of ours came to nothing: the bus is lost, does not answer, or answers
    /// with an error. On buses that let strangers send what looks like an answer, it may also be one of the wrong kind.
    /// </summary>
    internal static bool IsFailure(Exception exception) =>
        exception is DBusConnectionException or DBusMessageException or TimeoutException or ObjectDisposedException;

    /// <summary>Becomes the owner of a name; neither waits for it nor lets it be taken over.</summary>
    /// <exception cref="BusUnavailableException">The name cannot be had.</exception>
    internal async Task TakeNameAsync(string name)
    {
        try
        {
            Task<bool> taking = Library.TryRequestNameAsync(name, RequestNameOptions.None);
            if (await taking.WaitAsync(AnswersWithin).ConfigureAwait(false)) return;
        }
        catch (DBusErrorReplyException exception) when (exception.ErrorName == BusErrors.AccessDenied)
        {
            throw new BusUnavailableException(
                BusUnavailableCause.Denied,
                $"the system bus does not let uid {ThisProcess.UserId} own {name}: "
                + $"run as root, and install {name}.conf in /usr/share/dbus-1/system.d",
                exception);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Explain(exception);
        }

        string owner = await OwnerOfAsync(name).ConfigureAwait(false);
        throw new BusUnavailableException(
            BusUnavailableCause.NameTaken,
            $"{owner} owns the bus name {name}, so xenballoond probably runs already: "
            + "stop that one first (systemctl stop xenballoond)");
    }

    /// <summary>Gives a name back. All that was sent before has reached the bus when this completes.</summary>
    internal Task ReleaseNameAsync(string name, TimeSpan limit) => Library.ReleaseNameAsync(name).WaitAsync(limit);

    /// <summary>
    /// What tells this bus from others, and from the one that was at its address before: unique names start over with
    /// each.
    /// </summary>
    internal async Task<string> GetIdAsync()
    {
        try
        {
            Task<string> asking = Library.CallMethodAsync(
                AskBus("GetId", null), static (message, _) => message.GetBodyReader().ReadString());
            return await asking.WaitAsync(AnswersWithin).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Explain(exception);
        }
    }

    /// <summary>
    /// Completes when all that was sent before has reached the bus, which answers in order, or the bus is lost. No time
    /// limit: a bus that hangs must not be sent more.
    /// </summary>
    internal async Task SettleAsync()
    {
        try
        {
            await Library.CallMethodAsync(AskBus("GetId", null), static (_, _) => true);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            // The server notices a loss; any other answer tells as much.
        }
    }

    /// <summary>Asks the bus for the uid that someone connected with.</summary>
    /// <exception cref="DBusErrorReplyException">There is no one of that name.</exception>
    internal Task<uint> GetUidAsync(string uniqueName) => Library.CallMethodAsync(
        AskBus("GetConnectionUnixUser", uniqueName),
        static (message, _) => message.GetBodyReader().ReadUInt32()).WaitAsync(AnswersWithin);

    /// <summary>Asks whether someone with this name is on the bus.</summary>
    internal Task<bool> IsPresentAsync(string name) => Library.CallMethodAsync(
        AskBus("NameHasOwner", name),
        static (message, _) => message.GetBodyReader().ReadBool()).WaitAsync(AnswersWithin);

    /// <summary>
    /// Has the action done with each name that loses its owner, until it is disposed of; in the caller's context.
    /// </summary>
    internal async Task<IDisposable> WatchLeavingAsync(Action<string> left) => await Library.AddMatchAsync(
        new MatchRule { Type = MessageType.Signal, Sender = BusName, Interface = BusName, Member = "NameOwnerChanged" },
        static (message, _) =>
        {
            Reader reader = message.GetBodyReader();
            string name = reader.ReadString();
            reader.ReadString();
            return reader.ReadStringAsSpan().IsEmpty ? name : null;
        },
        (Notification<string?> told) =>
        {
            if (told is { HasValue: true, Value: { } name }) left(name);
        }).AsTask().WaitAsync(AnswersWithin);

    /// <summary>What a failure to reach the bus means, and what to do.</summary>
    internal BusUnavailableException Explain(Exception failure) => transport.Explain(failure);

    /// <inheritdoc/>
    public void Dispose()
    {
        Library.Dispose();
        transport.Dispose();
    }

    private async Task<string> OwnerOfAsync(string name)
    {
        try
        {
            Task<uint> asking = Library.CallMethodAsync(
                AskBus("GetConnectionUnixProcessID", name),
                static (message, _) => message.GetBodyReader().ReadUInt32());
            uint process = await asking.WaitAsync(AnswersWithin).ConfigureAwait(false);
            return string.Create(CultureInfo.InvariantCulture, $"process {process}");
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            return "another process"; // it has just left, or lives where its process cannot be seen
        }
    }

    private MessageBuffer AskBus(string member, string? argument)
    {
        MessageWriter writer = Library.GetMessageWriter();
        writer.WriteMethodCallHeader(
            BusName, BusPath, BusName, member, argument is null ? null : "s");
        if (argument is not null) writer.WriteString(argument);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }
}
