using XenBalloon.Bus.Definitions;

namespace XenBalloon.Bus.SdBus;

/// <summary>An object on the bus with its state.</summary>
/// <typeparam name="T">The state; immutable.</typeparam>
internal sealed unsafe class ExportedObject<T>(SdBusConnection connection, string path, BusInterface<T> definition, NativeTable table, T state)
    : ExportedObject(connection, path, definition.Name, table), IBusObject<T>
{
    private T state = state;

    /// <inheritdoc/>
    public void Update(T state)
    {
        T previous = this.state;
        this.state = state;
        byte** names = stackalloc byte*[definition.Properties.Length + 1];
        int changed = 0;
        for (int i = 0; i < definition.Properties.Length; i++)
        {
            BusProperty<T> property = definition.Properties[i];
            if (property.Changes == PropertyChanges.Announced && property.Read(previous) != property.Read(state)) names[changed++] = Table.PropertyName(i);
        }

        if (changed == 0) return;
        names[changed] = null;
        Connection.EmitPropertiesChanged(Path, InterfaceName, names);
    }

    /// <inheritdoc/>
    public void Signal(string name, params ReadOnlySpan<BusValue> arguments) => Connection.EmitSignal(Path, InterfaceName, name, arguments);

    /// <inheritdoc/>
    internal override void Invoke(Message call)
    {
        BusMethod<T>? method = definition.Methods.FirstOrDefault(method => method.Name == call.Member);
        if (method is null)
        {
            call.Dispose();
            throw new MissingMethodException(definition.Name, "a method outside of its table");
        }

        var pending = new PendingCall(Connection, call, method.Inputs, method.Output);
        pending.Follow(method.Handle, state);
    }

    /// <inheritdoc/>
    internal override void AppendProperty(byte* property, Message reply)
    {
        int index = Table.PropertyIndex(property);
        if (index < 0) throw new MissingMemberException(definition.Name, "a property outside of its table");
        reply.Append(definition.Properties[index].Read(state));
    }
}
