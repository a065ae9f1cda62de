using System.Runtime.InteropServices;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>An object on the bus, as the callbacks see it.</summary>
internal abstract unsafe class ExportedObject : IDisposable
{
    private GCHandle self;
    private SlotHandle? slot;

    protected ExportedObject(SdBusConnection connection, string path, string interfaceName, NativeTable table)
    {
        Connection = connection;
        Path = path;
        InterfaceName = interfaceName;
        Table = table;
    }

    protected SdBusConnection Connection { get; }

    protected string Path { get; }

    protected string InterfaceName { get; }

    protected NativeTable Table { get; }

    /// <summary>Takes the object off the bus.</summary>
    public void Dispose()
    {
        slot?.Dispose();
        slot = null;
        if (self.IsAllocated) self.Free();
        Connection.Forget(this);
    }

    /// <summary>Puts the object on the bus.</summary>
    internal void Register(BusHandle bus)
    {
        self = GCHandle.Alloc(this);
        Checked.Result(LibSystemd.sd_bus_add_object_vtable(bus, out slot, Path, InterfaceName, Table.Entries, GCHandle.ToIntPtr(self)));
    }

    /// <summary>Starts to handle a call, whose message is ours from here on.</summary>
    internal abstract void Invoke(Message call);

    /// <summary>Appends the value of a property.</summary>
    internal abstract void AppendProperty(byte* property, Message reply);
}
