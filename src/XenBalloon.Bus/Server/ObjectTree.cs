using System.Diagnostics.CodeAnalysis;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>An object on the bus.</summary>
/// <param name="State">Its properties; replaced by each newer state.</param>
/// <param name="Invoke">Runs a method and sends the reply; null if the method does not exist.</param>
internal readonly record struct TreeObject(IBusObject State, Func<BusCall, Task?> Invoke)
{
    /// <summary>The state that clients were told of last; <see cref="State"/> may be newer.</summary>
    internal IBusObject Announced { get; init; } = State;
}

/// <summary>The published objects by path; announces changes. Used only on the server's queue.</summary>
internal sealed class ObjectTree(DBusConnection connection)
{
    private readonly Dictionary<string, TreeObject> objects = new(StringComparer.Ordinal);

    /// <summary>Whether to announce changes: only after the first state is complete.</summary>
    internal bool IsAnnouncing { get; set; }

    /// <summary>Replaces states by the newest. Called before a client reads.</summary>
    internal Action BringUpToDate { get; set; } = static () => { };

    /// <summary>How many objects there are; callable from any thread.</summary>
    internal int Count => objects.Count;

    /// <summary>The objects below the object manager.</summary>
    internal IEnumerable<KeyValuePair<string, TreeObject>> Managed()
    {
        BringUpToDate();
        return objects.Where(entry => entry.Key != BusNames.Root);
    }

    /// <summary>The object at a path.</summary>
    internal bool TryGet(string path, [MaybeNullWhen(false)] out TreeObject found)
    {
        BringUpToDate();
        return objects.TryGetValue(path, out found);
    }

    /// <summary>The path elements directly below a path, with or without an object of their own.</summary>
    internal string[] ChildrenOf(string path)
    {
        string prefix = path == "/" ? path : path + "/";
        return
        [
            .. objects.Keys
                .Where(known => known.StartsWith(prefix, StringComparison.Ordinal))
                .Select(known => known[prefix.Length..].Split('/')[0])
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Adds an object, or replaces its state and announces the changed properties in one signal.
    /// </summary>
    /// <param name="path">Its path.</param>
    /// <param name="state">Its state.</param>
    /// <param name="invoke">As in <see cref="TreeObject"/>; an existing object keeps its own.</param>
    internal void Put(string path, IBusObject state, Func<BusCall, Task?> invoke)
    {
        if (!objects.TryGetValue(path, out TreeObject known))
        {
            objects.Add(path, new TreeObject(state, invoke));
            if (IsAnnouncing) AnnounceAdded(path, state);
            return;
        }

        objects[path] = known with { State = state, Announced = state };
        if (IsAnnouncing && state.HasChanges(known.Announced)) AnnounceChanges(path, known.Announced, state);
    }

    /// <summary>
    /// Replaces the state of an object without a signal; the next <see cref="Put"/> announces the changes.
    /// </summary>
    internal void Replace(string path, Func<IBusObject, IBusObject> newer)
    {
        TreeObject known = objects[path];
        objects[path] = known with { State = newer(known.State) };
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

    /// <summary>Sends a signal, if <see cref="IsAnnouncing"/>.</summary>
    internal void Signal(Func<DBusConnection, MessageBuffer> signal)
    {
        if (IsAnnouncing) connection.TrySendMessage(signal(connection));
    }

    /// <summary>Writes an object's interface and its properties (<c>a{sa{sv}}</c>).</summary>
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

    private void AnnounceChanges(string path, IBusObject earlier, IBusObject state)
    {
        MessageWriter writer = BusMessage.StartSignal(
            connection, path, StandardInterfaces.Properties, "PropertiesChanged", "sa{sv}as");
        writer.WriteString(state.Interface);
        ArrayStart changed = writer.WriteDictionaryStart();
        state.WriteChanges(earlier, ref writer);
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
