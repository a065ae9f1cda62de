using System.Diagnostics.CodeAnalysis;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>An object on the bus.</summary>
/// <param name="State">Its properties; a newer state replaces it.</param>
/// <param name="Invoke">Carries out a method and answers the call; null where there is no such method.</param>
internal readonly record struct TreeObject(IBusObject State, Func<BusCall, Task?> Invoke);

/// <summary>All our objects on the bus, by path; announces what is new. Lives in the bus's turn.</summary>
internal sealed class ObjectTree(DBusConnection connection)
{
    private readonly Dictionary<string, TreeObject> objects = new(StringComparer.Ordinal);

    /// <summary>Whether changes are announced: not before the objects can be asked.</summary>
    internal bool IsAnnouncing { get; set; }

    /// <summary>The objects that the object manager manages: those below it.</summary>
    internal IEnumerable<KeyValuePair<string, TreeObject>> Managed => objects.Where(one => one.Key != BusNames.Root);

    /// <summary>The object at a path.</summary>
    internal bool TryGet(string path, [MaybeNullWhen(false)] out TreeObject found) =>
        objects.TryGetValue(path, out found);

    /// <summary>The names below a path, whether an object is there or only above others.</summary>
    internal string[] ChildrenOf(string path)
    {
        string below = path == "/" ? path : path + "/";
        return
        [
            .. objects.Keys
                .Where(known => known.StartsWith(below, StringComparison.Ordinal))
                .Select(known => known[below.Length..].Split('/')[0])
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Adds an object, or replaces its state and announces in one signal which properties have changed.
    /// </summary>
    /// <param name="path">Its path.</param>
    /// <param name="state">Its state.</param>
    /// <param name="invoke">As in <see cref="TreeObject"/>; an object that is there keeps its own.</param>
    internal void Put(string path, IBusObject state, Func<BusCall, Task?> invoke)
    {
        if (!objects.TryGetValue(path, out TreeObject known))
        {
            objects.Add(path, new TreeObject(state, invoke));
            if (IsAnnouncing) AnnounceAdded(path, state);
            return;
        }

        objects[path] = known with { State = state };
        if (IsAnnouncing && state.HasChanges(known.State)) AnnounceChanges(path, known.State, state);
    }

    /// <summary>Removes an object.</summary>
    internal void Remove(string path)
    {
        if (!objects.Remove(path, out TreeObject known) || !IsAnnouncing) return;
        MessageWriter writer = StartManagerSignal("InterfacesRemoved", "oas");
        writer.WriteObjectPath(path);
        writer.WriteArray((string[])[known.State.Interface]);
        Send(ref writer);
    }

    /// <summary>Sends a signal, once objects can be asked.</summary>
    internal void Signal(Func<DBusConnection, MessageBuffer> signal)
    {
        if (IsAnnouncing) connection.TrySendMessage(signal(connection));
    }

    /// <summary>Writes an object's interfaces with their properties (<c>a{sa{sv}}</c>).</summary>
    internal static void WriteInterfaces(ref MessageWriter writer, IBusObject state)
    {
        ArrayStart interfaces = writer.WriteDictionaryStart();
        writer.WriteDictionaryEntryStart();
        writer.WriteString(state.Interface);
        ArrayStart properties = writer.WriteDictionaryStart();
        state.WriteProperties(ref writer);
        writer.WriteDictionaryEnd(properties);
        writer.WriteDictionaryEnd(interfaces);
    }

    private void AnnounceAdded(string path, IBusObject state)
    {
        MessageWriter writer = StartManagerSignal("InterfacesAdded", "oa{sa{sv}}");
        writer.WriteObjectPath(path);
        WriteInterfaces(ref writer, state);
        Send(ref writer);
    }

    private void AnnounceChanges(string path, IBusObject before, IBusObject state)
    {
        MessageWriter writer = BusMessage.StartSignal(
            connection, path, StandardInterfaces.Properties, "PropertiesChanged", "sa{sv}as");
        writer.WriteString(state.Interface);
        ArrayStart changed = writer.WriteDictionaryStart();
        state.WriteChanges(before, ref writer);
        writer.WriteDictionaryEnd(changed);
        writer.WriteArray((string[])[]);
        Send(ref writer);
    }

    private MessageWriter StartManagerSignal(string member, string signature) =>
        BusMessage.StartSignal(connection, BusNames.Root, StandardInterfaces.ObjectManager, member, signature);

    private void Send(ref MessageWriter writer)
    {
        connection.TrySendMessage(writer.CreateMessage());
        writer.Dispose();
    }
}
