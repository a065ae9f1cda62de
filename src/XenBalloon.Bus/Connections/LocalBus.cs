using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.DBus.Protocol;
using XenBalloon.Posix;

namespace XenBalloon.Bus.Connections;

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
