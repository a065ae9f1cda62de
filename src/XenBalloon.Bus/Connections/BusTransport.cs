using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.DBus.Protocol;
using XenBalloon.Posix;

namespace XenBalloon.Bus.Connections;

/// <summary>How to reach a bus, and what a failure to reach it means.</summary>
internal abstract class BusTransport : DBusConnectionOptions, IDisposable
{
    /// <summary>
    /// This process's effective uid, for EXTERNAL authentication; the bus compares it with the socket's credentials.
    /// </summary>
    internal static string UserId => Libc.EffectiveUserId().ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether this process runs as root.</summary>
    internal static bool IsRoot => Libc.EffectiveUserId() == 0;

    /// <summary>How long connecting may take.</summary>
    internal abstract TimeSpan ConnectTimeout { get; }

    /// <summary>
    /// The machine's id; zeros if it has none. The library would throw on an empty file, which fresh images have.
    /// </summary>
    protected static string MachineId
    {
        get
        {
            foreach (string path in (string[])["/etc/machine-id", "/var/lib/dbus/machine-id"])
            {
                try
                {
                    if (Guid.TryParseExact(SmallFile.ReadText(path).Trim(), "N", out Guid id)) return id.ToString("N");
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // The file is optional.
                }
            }

            return Guid.Empty.ToString("N");
        }
    }

    /// <summary>Translates a failure to reach the bus: what is wrong, and what to do.</summary>
    internal abstract BusUnavailableException Explain(Exception failure);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>A bus on this machine.</summary>
/// <param name="explicitAddress">Its D-Bus address; null for the system bus.</param>
/// <param name="filter">Filters what the bus delivers; null for a client, which others do not call.</param>
internal sealed class LocalBus(string? explicitAddress, MessageFilter? filter = null) : BusTransport
{
    private const string AddressVariable = "DBUS_SYSTEM_BUS_ADDRESS";
    private const string StandardAddress =
        "unix:path=/run/dbus/system_bus_socket;unix:path=/var/run/dbus/system_bus_socket";

    private readonly string address = explicitAddress
        ?? (Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } value ? value : StandardAddress);

    /// <inheritdoc/>
    internal override TimeSpan ConnectTimeout => TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    internal override BusUnavailableException Explain(Exception failure)
    {
        (int? errno, string text) = Cause(failure);
        return errno is Errno.NotPermitted or Errno.AccessDenied
            ? new BusUnavailableException(
                BusUnavailableCause.Denied, $"the system bus at {address} denies access ({text}): run as root", failure)
            : new BusUnavailableException(
                BusUnavailableCause.NoBus,
                $"no system bus at {address} ({text}): "
                + $"start it (systemctl start dbus, or service dbus start), or set {AddressVariable} to its address",
                failure);
    }

    /// <summary>Does not accept file descriptors.</summary>
    protected override async ValueTask<SetupResult> SetupAsync(CancellationToken cancellationToken) => new(address)
    {
        ConnectionStream = filter?.On(await ConnectAsync(cancellationToken).ConfigureAwait(false)),
        UserId = UserId,
        MachineId = MachineId,
    };

    /// <summary>Connects to the first address that accepts.</summary>
    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        foreach (string candidate in address.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(EndPointOf(candidate), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception exception) when (exception is SocketException or ArgumentException)
            {
                socket.Dispose();
                failure ??= exception;
            }
        }

        throw new DBusConnectFailedException(failure?.Message ?? "no address", failure!);
    }

    private static UnixDomainSocketEndPoint EndPointOf(string candidate)
    {
        const string Transport = "unix:", PathKey = "path=", AbstractKey = "abstract=";
        string[] properties = candidate.StartsWith(Transport, StringComparison.Ordinal)
            ? candidate[Transport.Length..].Split(',')
            : [];
        foreach (string property in properties)
        {
            string text = Uri.UnescapeDataString(property);
            if (text.StartsWith(PathKey, StringComparison.Ordinal)) return new(text[PathKey.Length..]);
            if (text.StartsWith(AbstractKey, StringComparison.Ordinal)) return new('\0' + text[AbstractKey.Length..]);
        }

        throw new ArgumentException("not the address of a Unix socket");
    }

    private static (int? Errno, string Text) Cause(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is not SocketException socket) continue;

            // .NET reports a missing socket as AddressNotAvailable, "cannot assign requested address".
            bool isMissing = socket.SocketErrorCode == SocketError.AddressNotAvailable;
            int errno = isMissing ? Errno.NoEntry : socket.NativeErrorCode;
            return (errno, Marshal.GetPInvokeErrorMessage(errno));
        }

        if (failure is TimeoutException) return (null, "no answer");
        bool isRefusal = failure is DBusConnectFailedException
            && failure.Message.Contains("Authentication", StringComparison.Ordinal);
        return (isRefusal ? Errno.AccessDenied : null, failure.Message.Split('\n')[0].TrimEnd('.', '\r'));
    }
}
