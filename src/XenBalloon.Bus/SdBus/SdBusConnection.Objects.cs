using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.SdBus.Native;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <content>Our objects.</content>
internal sealed unsafe partial class SdBusConnection
{
    private readonly Dictionary<object, NativeTable> tables = [];
    private readonly HashSet<IDisposable> registered = [];

    /// <inheritdoc/>
    public void AddObjectManager(string path)
    {
        Checked.Result(sd_bus_add_object_manager(bus, out SlotHandle slot, path));
        registered.Add(slot);
    }

    /// <inheritdoc/>
    public IBusObject<T> Export<T>(string path, BusInterface<T> definition, T state)
    {
        if (!tables.TryGetValue(definition, out NativeTable? table)) tables.Add(definition, table = NativeTable.Of(definition));
        var exported = new ExportedObject<T>(this, path, definition, table, state);
        Register(exported);
        return exported;
    }

    /// <summary>Puts an object on the bus, to be taken off with the connection.</summary>
    internal void Register(ExportedObject exported)
    {
        registered.Add(exported);
        exported.Register(bus);
    }

    /// <inheritdoc/>
    public void AnnounceAdded(string path) => Checked.Result(sd_bus_emit_object_added(bus, path));

    /// <inheritdoc/>
    public void AnnounceRemoved(string path) => Checked.Result(sd_bus_emit_object_removed(bus, path));

    /// <inheritdoc/>
    public IDisposable Follow(string uniqueName, Action left)
    {
        var track = new NameTrack(this, left);
        track.Begin(bus, uniqueName);
        return track;
    }

    /// <summary>Sends a signal.</summary>
    internal void EmitSignal(string path, string interfaceName, string name, ReadOnlySpan<BusValue> arguments)
    {
        Checked.Result(sd_bus_message_new_signal(bus, out Message signal, path, interfaceName, name));
        using (signal)
        {
            foreach (BusValue argument in arguments) signal.Append(argument);
            Checked.Result(sd_bus_message_send(signal));
        }
    }

    /// <summary>Tells the present values of some properties in one signal.</summary>
    /// <param name="path">Whose.</param>
    /// <param name="interfaceName">Of which interface.</param>
    /// <param name="names">Zero-terminated names, with a null after the last.</param>
    internal void EmitPropertiesChanged(string path, string interfaceName, byte** names) =>
        Checked.Result(sd_bus_emit_properties_changed_strv(bus, path, interfaceName, names));

    /// <summary>To be disposed of with the connection.</summary>
    internal void Remember(IDisposable part) => registered.Add(part);

    /// <summary>Already disposed of.</summary>
    internal void Forget(IDisposable part) => registered.Remove(part);

    private void DropObjectsAndCalls()
    {
        foreach (IDisposable part in registered.ToArray()) part.Dispose();
        registered.Clear();
    }

    private void FreeTables()
    {
        foreach (NativeTable table in tables.Values) table.Dispose();
        tables.Clear();
    }
}
