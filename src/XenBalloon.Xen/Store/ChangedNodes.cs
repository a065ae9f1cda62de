using System.Buffers.Text;

namespace XenBalloon.Xen.Store;

/// <summary>
/// The watched nodes that changed since the last snapshot. xenstored merges only events that it has not sent yet, so a
/// guest that writes 10,000 times can cause 10,000 events; here they become one time of change for each node.
/// </summary>
internal sealed class ChangedNodes(MonotonicClock clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, DomainWatch> watches = [];
    private long lastId;

    /// <summary>The token of the watches that fire when a domain is created or destroyed.</summary>
    public static ReadOnlySpan<byte> HostToken => "host"u8;

    /// <summary>
    /// Creates the watches of a domain. The caller sets them afterwards, since the first event can arrive at once.
    /// </summary>
    public DomainWatch Add(DomainPaths paths)
    {
        lock (gate)
        {
            DomainWatch watch = new(++lastId, paths);
            watches.Add(watch.Id, watch);
            return watch;
        }
    }

    /// <summary>Removes the watches of a domain: their late events are ignored.</summary>
    public void Remove(DomainWatch watch)
    {
        lock (gate) watches.Remove(watch.Id);
    }

    /// <summary>Records one event.</summary>
    /// <param name="path">The node that changed.</param>
    /// <param name="token">The token of the watch.</param>
    /// <param name="watch">The watches of the domain; null for an event of the host.</param>
    public WatchEffect Record(ReadOnlySpan<byte> path, ReadOnlySpan<byte> token, out DomainWatch? watch)
    {
        watch = null;
        if (token.SequenceEqual(HostToken)) return WatchEffect.Changed;
        if (!Utf8Parser.TryParse(token, out long id, out int digits) || token.Length != digits) return WatchEffect.None;
        lock (gate) return watches.TryGetValue(id, out watch) ? Record(watch, path) : WatchEffect.None;
    }

    /// <summary>Records that the toolstack asks a domain to shut down or reboot.</summary>
    public void RecordShutdownRequest(DomainWatch watch)
    {
        lock (gate) Mark(watch, WatchedNode.ShutdownRequest);
    }

    /// <summary>When a node last changed; null if it has not changed since the last call.</summary>
    public TimeSpan? Take(DomainWatch watch, WatchedNode node)
    {
        lock (gate)
        {
            TimeSpan? changedAt = watch.ChangedAt[(int)node];
            watch.ChangedAt[(int)node] = null;
            return changedAt;
        }
    }

    /// <summary>Whether the guest flooded, so that its nodes are polled.</summary>
    public bool IsFlooded(DomainWatch watch)
    {
        lock (gate) return watch.Flooded;
    }

    private WatchEffect Record(DomainWatch watch, ReadOnlySpan<byte> path)
    {
        if (MarkToolstackNodes(watch, path)) return WatchEffect.Changed;
        if (watch.Flooded || watch.Home is null || watch.IsBackend(path)) return WatchEffect.None;
        if (!watch.GuestEvents.Count(clock.Now))
        {
            watch.Flooded = watch.HasChanges = true;
            return WatchEffect.Flooded;
        }

        if (watch.GuestNode(path) is not { } node) return WatchEffect.None;
        if (node == WatchedNode.ShutdownRequest) return WatchEffect.ShutdownRequest;
        Mark(watch, node);
        return node is WatchedNode.MeminfoFree or WatchedNode.MeminfoUpdated
            ? WatchEffect.ChangedInPart
            : WatchEffect.Changed;
    }

    /// <summary>
    /// Marks the toolstack's nodes at or below a path. A directory that is removed causes one event, of itself; so does
    /// a watch that is set.
    /// </summary>
    /// <returns>False if there are none.</returns>
    private bool MarkToolstackNodes(DomainWatch watch, ReadOnlySpan<byte> path)
    {
        bool found = false;
        for (int node = 0; node < watch.ToolstackNodes.Length; node++)
        {
            ReadOnlySpan<byte> known = watch.ToolstackNodes[node].Bytes;
            if (!known.StartsWith(path) || (known.Length > path.Length && known[path.Length] != (byte)'/')) continue;
            Mark(watch, (WatchedNode)node);
            found = true;
        }

        return found;
    }

    private void Mark(DomainWatch watch, WatchedNode node)
    {
        watch.ChangedAt[(int)node] = clock.Stamp();
        watch.HasChanges = true;
    }
}

/// <summary>The effect of an event.</summary>
internal enum WatchEffect
{
    /// <summary>None: a watch that was removed, or a node that does not count.</summary>
    None,

    /// <summary>The next snapshot shows a change.</summary>
    Changed,

    /// <summary>The same, but another node of the same report may follow.</summary>
    ChangedInPart,

    /// <summary>
    /// <c>control/shutdown</c> was written: the caller reads it before the guest empties it.
    /// </summary>
    ShutdownRequest,

    /// <summary>The guest exceeded its limit with this event: the caller removes the watch on its home.</summary>
    Flooded,
}
