using System.Globalization;
using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.SdBus;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus;

/// <summary>Reaching the bus, and the one place that says in words why it cannot be reached.</summary>
internal static class Connecting
{
    private const string AddressVariable = "DBUS_SYSTEM_BUS_ADDRESS";

    /// <exception cref="BusUnavailableException">There is no bus.</exception>
    internal static SdBusConnection Open(BusOptions options)
    {
        try
        {
            return options.Host is { } host ? SdBusConnection.OpenRemote(host) : SdBusConnection.Open(options.Address);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new BusUnavailableException(
                BusUnavailableCause.NoLibrary,
                $"{LibSystemd.Library} cannot be loaded: install it (Debian: libsystemd0, or libelogind-compat on a system without systemd)",
                exception);
        }
        catch (SdBusException exception)
        {
            throw Unreachable(exception, options);
        }
    }

    /// <exception cref="BusUnavailableException">The name is not to be had.</exception>
    internal static void TakeName(SdBusConnection connection, string name, BusOptions options)
    {
        try
        {
            connection.RequestName(name);
        }
        catch (SdBusException exception) when (exception.Errno == Errno.Exists)
        {
            throw new BusUnavailableException(
                BusUnavailableCause.NameTaken,
                $"the bus name {name} is taken by {OwnerOf(connection, name)}: is xenballoond running already? Stop that one first (systemctl stop xenballoond)",
                exception);
        }
        catch (SdBusException exception) when (IsDenial(exception))
        {
            throw new BusUnavailableException(
                BusUnavailableCause.Denied,
                $"the system bus does not let uid {LibC.geteuid()} own {name}: run as root, with {name}.conf in /usr/share/dbus-1/system.d",
                exception);
        }
        catch (SdBusException exception)
        {
            throw Unreachable(exception, options);
        }
    }

    /// <summary>What a failure to reach the bus means.</summary>
    internal static BusUnavailableException Unreachable(SdBusException exception, BusOptions options)
    {
        if (options.Host is { } host)
        {
            return new BusUnavailableException(
                BusUnavailableCause.NoBus,
                $"the system bus of {host} cannot be reached ({exception.Words}): does 'ssh {host} systemd-stdio-bridge' work, and is xenballoond's bus up there?",
                exception);
        }

        string where = options.Address ?? Environment.GetEnvironmentVariable(AddressVariable) ?? "its standard address";
        return IsDenial(exception)
            ? new BusUnavailableException(BusUnavailableCause.Denied, $"the system bus at {where} does not let us in ({exception.Words}): run as root", exception)
            : new BusUnavailableException(
                BusUnavailableCause.NoBus,
                $"no system bus at {where} ({exception.Words}): start it (systemctl start dbus), or say in {AddressVariable} where it is",
                exception);
    }

    private static bool IsDenial(SdBusException exception) => exception.Errno is Errno.AccessDenied or Errno.NotPermitted;

    private static string OwnerOf(SdBusConnection connection, string name)
    {
        try
        {
            using Message reply = connection.CallBus("GetConnectionUnixProcessID", name);
            return string.Create(CultureInfo.InvariantCulture, $"process {reply.Read(BusValue.UInt32).Number}");
        }
        catch (Exception exception) when (exception is CallErrorException or SdBusException)
        {
            return "another process"; // it has just left, or lives where its process cannot be seen
        }
    }
}
