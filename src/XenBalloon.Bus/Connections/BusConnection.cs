using System.Globalization;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Connections;

/// <summary>
/// A connection to a bus. The library has neither timeouts nor cancellation, so every await here has its own limit.
/// </summary>
internal sealed class BusConnection : IDisposable
{
    private const string BusName = "org.freedesktop.DBus", BusPath = "/org/freedesktop/DBus";

    /// <summary>How long the bus may take to reply; it takes about a millisecond unless it hangs.</summary>
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(10);

    private readonly BusTransport transport;

    private BusConnection(BusTransport transport)
    {
        this.transport = transport;

        // An exception in a handler or reader concerns one message; by default the library would close the connection.
        transport.OnException = failure =>
            failure.DisconnectConnection = failure.Source == DBusConnection.ExceptionSource.ConnectionFailed;
        Library = new DBusConnection(transport);
    }

    /// <summary>The library's connection.</summary>
    internal DBusConnection Library { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="BusUnavailableException">The bus cannot be reached.</exception>
    internal static async Task<BusConnection> OpenAsync(BusTransport transport)
    {
        var connection = new BusConnection(transport);
        try
        {
            await connection.Library.ConnectAsync().AsTask().WaitAsync(transport.ConnectTimeout).ConfigureAwait(false);
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
    /// Whether an exception means that a call failed: the connection ended, no reply came in time, or the reply is an
    /// error. Some buses let other clients send forged replies; a reply of the wrong type therefore also counts.
    /// </summary>
    internal static bool IsFailure(Exception exception) =>
        exception is DBusConnectionException or DBusMessageException or TimeoutException or ObjectDisposedException;

    /// <summary>Requests ownership of a name; does not queue for it and does not allow replacement.</summary>
    /// <exception cref="BusUnavailableException">The name is taken or denied.</exception>
    internal async Task RequestNameAsync(string name)
    {
        try
        {
            Task<bool> request = Library.TryRequestNameAsync(name, RequestNameOptions.None);
            if (await request.WaitAsync(ReplyTimeout).ConfigureAwait(false)) return;
        }
        catch (DBusErrorReplyException exception) when (exception.ErrorName == BusErrors.AccessDenied)
        {
            throw new BusUnavailableException(
                BusUnavailableCause.Denied,
                $"the system bus does not let uid {BusTransport.UserId} own {name}: "
                + $"run as root, and install {BusNames.Service}.conf in /usr/share/dbus-1/system.d",
                exception);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Explain(exception);
        }

        string owner = await OwnerOfAsync(name).ConfigureAwait(false);
        throw new BusUnavailableException(
            BusUnavailableCause.NameTaken,
            $"{owner} owns the bus name {name}, so xenballoond is probably running already: "
            + "stop it first (systemctl stop xenballoond)");
    }

    /// <summary>Releases a name. When this completes, everything sent before has reached the bus.</summary>
    internal Task ReleaseNameAsync(string name, TimeSpan limit) => Library.ReleaseNameAsync(name).WaitAsync(limit);

    /// <summary>
    /// The bus's id. It differs after a restart at the same address, when the bus assigns the same unique names again.
    /// </summary>
    internal async Task<string> GetIdAsync()
    {
        try
        {
            Task<string> id = Library.CallMethodAsync(
                CallBus("GetId", null), static (message, _) => message.GetBodyReader().ReadString());
            return await id.WaitAsync(ReplyTimeout).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Explain(exception);
        }
    }

    /// <summary>
    /// Completes when everything sent before has reached the bus, which replies in order, or when the connection ends.
    /// Has no timeout: a bus that hangs must not be sent more.
    /// </summary>
    internal async Task FlushAsync()
    {
        try
        {
            await Library.CallMethodAsync(CallBus("GetId", null), static (_, _) => true);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            // The server detects a lost connection itself; an error reply means as much as a reply.
        }
    }

    /// <summary>Gets the user and the process that a client connected with; null for an unknown process.</summary>
    /// <exception cref="DBusErrorReplyException">No client has this name.</exception>
    /// <exception cref="DBusMessageException">The bus does not know the user.</exception>
    internal Task<(uint Uid, uint? Process)> GetCredentialsAsync(string uniqueName) => Library.CallMethodAsync(
        CallBus("GetConnectionCredentials", uniqueName),
        static (message, _) => ReadCredentials(message)).WaitAsync(ReplyTimeout);

    /// <summary>Whether a client with this name is on the bus.</summary>
    internal Task<bool> IsPresentAsync(string name) => Library.CallMethodAsync(
        CallBus("NameHasOwner", name),
        static (message, _) => message.GetBodyReader().ReadBool()).WaitAsync(ReplyTimeout);

    /// <summary>
    /// Calls <paramref name="onDeparture"/>, in the caller's context, with each name that loses its owner, until the
    /// result is disposed.
    /// </summary>
    internal async Task<IDisposable> WatchDeparturesAsync(Action<string> onDeparture) => await Library.AddMatchAsync(
        new MatchRule { Type = MessageType.Signal, Sender = BusName, Interface = BusName, Member = "NameOwnerChanged" },
        static (message, _) =>
        {
            Reader reader = message.GetBodyReader();
            string name = reader.ReadString();
            reader.ReadString(); // the old owner
            return reader.ReadStringAsSpan().IsEmpty ? name : null;
        },
        (Notification<string?> notification) =>
        {
            if (notification is { HasValue: true, Value: { } name }) onDeparture(name);
        }).AsTask().WaitAsync(ReplyTimeout);

    /// <summary>Translates a failure to reach the bus: what is wrong, and what to do.</summary>
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
            Task<uint> pid = Library.CallMethodAsync(
                CallBus("GetConnectionUnixProcessID", name),
                static (message, _) => message.GetBodyReader().ReadUInt32());
            uint process = await pid.WaitAsync(ReplyTimeout).ConfigureAwait(false);
            return string.Create(CultureInfo.InvariantCulture, $"process {process}");
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            return "another process"; // it has just left, or is in another pid namespace
        }
    }

    private static (uint Uid, uint? Process) ReadCredentials(Message message)
    {
        Reader reader = message.GetBodyReader();
        Dictionary<string, VariantValue> credentials = reader.ReadDictionaryOfStringToVariantValue();
        return (
            Number("UnixUserID") ?? throw new DBusMessageException("the bus does not know the user"),
            Number("ProcessID"));

        uint? Number(string name) =>
            credentials.TryGetValue(name, out VariantValue value) && value.Type == VariantValueType.UInt32
                ? value.GetUInt32()
                : null;
    }

    private MessageBuffer CallBus(string member, string? argument)
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
