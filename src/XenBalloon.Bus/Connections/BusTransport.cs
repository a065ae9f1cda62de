using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.DBus.Protocol;
using XenBalloon.Posix;

namespace XenBalloon.Bus.Connections;

/// <summary>How a bus is reached, and what it means that it is not.</summary>
internal abstract class BusTransport : DBusConnectionOptions, IDisposable
{
    /// <summary>How long connecting may take.</summary>
    internal abstract TimeSpan ConnectsWithin { get; }

    /// <summary>What a failure to reach the bus means, and what to do.</summary>
    internal abstract BusUnavailableException Explain(Exception failure);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>A bus of this machine.</summary>
/// <param name="given">Its D-Bus address; null for the system bus.</param>
internal sealed class LocalBus(string? given) : BusTransport
{
    private const string AddressVariable = "DBUS_SYSTEM_BUS_ADDRESS";
    private const string StandardAddress =
        "unix:path=/run/dbus/system_bus_socket;unix:path=/var/run/dbus/system_bus_socket";

    private readonly string address =
        given ?? (Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } set ? set : StandardAddress);

    /// <inheritdoc/>
    internal override TimeSpan ConnectsWithin => TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    internal override BusUnavailableException Explain(Exception failure)
    {
        (int? errno, string words) = Cause(failure);
        return errno is Errno.NotPermitted or Errno.AccessDenied
            ? new BusUnavailableException(
                BusUnavailableCause.Denied,
                $"the system bus at {address} does not let us in ({words}): run as root",
                failure)
            : new BusUnavailableException(
                BusUnavailableCause.NoBus,
                $"no system bus at {address} ({words}): "
                + $"start it (systemctl start dbus, or service dbus start), or set {AddressVariable} to where it is",
                failure);
    }

    /// <summary>File descriptors are not accepted.</summary>
    protected override ValueTask<SetupResult> SetupAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new SetupResult(address)
        {
            UserId = ThisProcess.UserId,
            MachineId = ThisProcess.MachineId,
        });

    private static (int? Number, string Words) Cause(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is not SocketException socket) continue;

            // For a socket that is not there, .NET has an error that reads "cannot assign requested address".
            int errno = socket.SocketErrorCode == SocketError.AddressNotAvailable ? Errno.NoEntry : socket.NativeErrorCode;
            return (errno, Marshal.GetPInvokeErrorMessage(errno));
        }

        if (failure is TimeoutException) return (null, "it does not answer");
        bool isRefusal = failure is DBusConnectFailedException
            && failure.Message.Contains("Authentication", StringComparison.Ordinal);
        return (isRefusal ? Errno.AccessDenied : null, failure.Message.Split('\n')[0].TrimEnd('.', '\r'));
    }
}

/// <summary>What we say of ourselves on a bus.</summary>
internal static class ThisProcess
{
    /// <summary>The user's number, which the bus compares with what the kernel says of our socket.</summary>
    internal static string UserId => Libc.EffectiveUserId().ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// The machine's id; zeros where it has none. The library would throw on a file that is empty, as in a fresh image.
    /// </summary>
    internal static string MachineId
    {
        get
        {
            foreach (string path in (string[])["/etc/machine-id", "/var/lib/dbus/machine-id"])
            {
                try
                {
                    if (Guid.TryParseExact(File.ReadAllText(path).Trim(), "N", out Guid id)) return id.ToString("N");
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // A machine need not have one.
                }
            }

            return Guid.Empty.ToString("N");
        }
    }
}
