using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.SdBus.Native;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <summary>A connection to a bus. It belongs to one thread; only <see cref="Post"/> may be called from others.</summary>
internal sealed partial class SdBusConnection : IBusConnection, IDisposable
{
    private readonly BusHandle bus;
    private readonly WorkQueue work = new();

    private SdBusConnection(BusHandle bus) => this.bus = bus;

    /// <summary>Connects; who we are is settled with the first call.</summary>
    /// <param name="address">A D-Bus address; null for the system bus, where DBUS_SYSTEM_BUS_ADDRESS says it is.</param>
    /// <exception cref="SdBusException">There is no bus.</exception>
    /// <exception cref="DllNotFoundException">There is no libsystemd.</exception>
    internal static SdBusConnection Open(string? address)
    {
        if (address is null)
        {
            Checked.Result(sd_bus_open_system(out BusHandle system));
            return new SdBusConnection(system);
        }

        Checked.Result(sd_bus_new(out BusHandle bus));
        try
        {
            Checked.Result(sd_bus_set_address(bus, address));
            Checked.Result(sd_bus_set_bus_client(bus, 1));
            Checked.Result(sd_bus_start(bus));
            return new SdBusConnection(bus);
        }
        catch
        {
            bus.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the system bus of another host, over ssh.</summary>
    /// <param name="host">As ssh takes it.</param>
    /// <exception cref="SdBusException">That cannot be begun; what ssh comes to shows with the first call.</exception>
    /// <exception cref="DllNotFoundException">There is no libsystemd.</exception>
    internal static SdBusConnection OpenRemote(string host)
    {
        Checked.Result(sd_bus_open_system_remote(out BusHandle remote, host));
        return new SdBusConnection(remote);
    }

    /// <summary>Becomes the owner of a name; neither waits for it nor lets it be taken over.</summary>
    /// <exception cref="SdBusException">Someone has it (EEXIST), or the bus's policy forbids it (EACCES).</exception>
    internal void RequestName(string name)
    {
        using SignalShield shield = SignalShield.Raise();
        Checked.Result(sd_bus_request_name(bus, name, 0));
    }

    /// <inheritdoc/>
    public void Post(Action work) => this.work.Post(work);

    /// <summary>Takes everything off the bus, sends what is queued and closes.</summary>
    public void Dispose()
    {
        DropObjectsAndCalls();
        bus.Dispose();
        FreeTables();
        work.Dispose();
    }
}
