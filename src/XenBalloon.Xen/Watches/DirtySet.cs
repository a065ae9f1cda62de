using System.Buffers.Text;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Watches;

/// <summary>
/// What has changed since the last look: at most one mark for each watched leaf of each domain. xenstored merges no events
/// but those that it has not sent yet, so a guest that writes 10,000 times may make 10,000 of them; here they become one.
/// </summary>
internal sealed class DirtySet(MonotonicClock clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, DomainWatch> watches = [];
    private long lastId;

    /// <summary>The token of the watches for domains coming and going.</summary>
    public static ReadOnlySpan<byte> HostToken => "host"u8;

    /// <summary>Makes a domain's watches known. To be done before they are set, since the first event may come at once.</summary>
    public DomainWatch Add(DomainPaths paths)
    {
        lock (gate)
        {
            DomainWatch watch = new(++lastId, paths);
            watches.Add(watch.Id, watch);
            return watch;
        }
    }

    /// <summary>Forgets a domain's watches: late events of theirs mean nothing.</summary>
    public void Remove(DomainWatch watch)
    {
        lock (gate) watches.Remove(watch.Id);
    }

    /// <summary>Takes note of one event.</summary>
    /// <param name="path">What changed.</param>
    /// <param name="token">The watch's token.</param>
    /// <param name="watch">The domain's watches, when the effect is about a domain.</param>
    public WatchEffect Note(ReadOnlySpan<byte> path, ReadOnlySpan<byte> token, out DomainWatch? watch)
    {
        watch = null;
        if (token.SequenceEqual(HostToken)) return WatchEffect.Changed;
        if (!Utf8Parser.TryParse(token, out long id, out int digits) || token.Length != digits + 2) return WatchEffect.None;
        int leaf = token[^1] - '0';
        lock (gate)
        {
            if (!watches.TryGetValue(id, out watch) || (uint)leaf >= (uint)watch.Leaves) return WatchEffect.None;
            return Note(watch, (WatchedLeaf)leaf, path);
        }
    }

    /// <summary>When a leaf last changed, if it has since this was last asked.</summary>
    public TimeSpan? Take(DomainWatch watch, WatchedLeaf leaf)
    {
        lock (gate)
        {
            TimeSpan? mark = watch.Marks[(int)leaf];
            watch.Marks[(int)leaf] = null;
            return mark;
        }
    }

    /// <summary>Whether the guest flooded, so that its leaves have to be polled.</summary>
    public bool IsFlooded(DomainWatch watch)
    {
        lock (gate) return watch.Flooded;
    }

    private WatchEffect Note(DomainWatch watch, WatchedLeaf leaf, ReadOnlySpan<byte> path)
    {
        bool guests = Array.IndexOf(DomainWatch.GuestLeaves, leaf) >= 0;
        if (guests)
        {
            if (watch.Flooded) return WatchEffect.None;
            if (!watch.Budget.Spend(clock.Now))
            {
                watch.Flooded = true;
                return WatchEffect.Flood;
            }
        }

        // A watch fires once for its registration: what a guest's leaf holds then is of unknown age. The event may stand
        // for a change too (xenstored drops an event while the same one is not sent yet, since XSA-326), so a leaf of the
        // toolstack's is read again.
        if (!watch.Registered[(int)leaf])
        {
            watch.Registered[(int)leaf] = true;
            if (guests) return WatchEffect.None;
        }

        // A watch matches what is below its node too, and a guest can make nodes below its leaves.
        if (!path.SequenceEqual(watch.Path(leaf).Bytes)) return WatchEffect.None;
        watch.Marks[(int)leaf] = clock.Stamp();
        return WatchEffect.Changed;
    }
}
