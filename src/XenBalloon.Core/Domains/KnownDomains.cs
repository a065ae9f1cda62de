using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// The domains on the host, in ascending order of domid. Each has one <see cref="DomainPass"/> and one
/// <see cref="DomainHistory"/> for as long as it lives, so a pass on a quiet host allocates nothing.
/// </summary>
internal sealed class KnownDomains
{
    private readonly List<DomainPass> participants = [], departed = [], ending = [];
    private List<DomainPass> known = [], next = [];
    private DomainSnapshot[] sorted = [];

    /// <summary>What is remembered of guests beyond the life of their domains.</summary>
    internal RememberedGuests Remembered { get; } = new();

    /// <summary>The domains of the last snapshot, in ascending order of domid.</summary>
    internal List<DomainPass> All => known;

    /// <summary>The domains that the last snapshot no longer had, as they were in the one before.</summary>
    internal List<DomainPass> Departed => departed;

    /// <summary>A domain; null if the last snapshot did not have it.</summary>
    internal DomainPass? Find(DomainIdentity identity) => known.Find(domain => domain.Identity == identity);

    /// <summary>Reads a snapshot: adds new domains, removes those that are gone, and brings all up to date.</summary>
    /// <param name="host">The input of this pass.</param>
    /// <param name="knownOverrides">Targets that other tools had set before the balancer started.</param>
    /// <param name="knownCapBounds">Caps that other tools had set before the balancer started.</param>
    /// <returns>The domains of the snapshot, in ascending order of domid.</returns>
    internal List<DomainPass> Observe(
        in HostPass host,
        IReadOnlyDictionary<DomainIdentity, KiB> knownOverrides,
        IReadOnlyDictionary<DomainIdentity, KiB> knownCapBounds)
    {
        next.Clear();
        departed.Clear();
        ending.Clear();
        int old = 0;
        foreach (DomainSnapshot snapshot in InOrder(host.Snapshot.Domains.AsSpan()))
        {
            DomainIdentity identity = snapshot.Identity;
            for (; old < known.Count && known[old].Identity.Domid < identity.Domid; old++) departed.Add(known[old]);
            bool isKnown = old < known.Count && known[old].Identity == identity;
            DomainPass domain = isKnown ? known[old++] : Add(identity, host.Now, knownOverrides, knownCapBounds);
            next.Add(domain);
            if (isKnown && domain.TryResume(snapshot, host)) continue;
            DomainReader.Read(domain, snapshot, host, Remembered);
            Remembered.OnPass(domain);
            if (domain.IsEnding) ending.Add(domain);
        }

        for (; old < known.Count; old++) departed.Add(known[old]);
        foreach (DomainPass domain in ending)
        {
            // A page that a backend still maps can keep a dying domain for long.
            if (HasReturned(domain)) domain.WithdrawPromise();
        }

        Remembered.OnPassEnded(next, departed, host.Now);
        (known, next) = (next, known);
        return known;
    }

    private bool HasReturned(DomainPass domain) => next.Exists(other => other.IsReturnOf(domain));

    /// <summary>The domains that memory is shared among in this pass, in ascending order of domid.</summary>
    internal List<DomainPass> Participants()
    {
        participants.Clear();
        foreach (DomainPass domain in known)
        {
            if (domain.Participates) participants.Add(domain);
        }

        return participants;
    }

    private static DomainPass Add(
        DomainIdentity identity,
        TimeSpan now,
        IReadOnlyDictionary<DomainIdentity, KiB> knownOverrides,
        IReadOnlyDictionary<DomainIdentity, KiB> knownCapBounds)
    {
        var history = new DomainHistory(identity, now);
        if (knownOverrides.TryGetValue(identity, out KiB target)) history.Override.Restore(target);
        if (knownCapBounds.TryGetValue(identity, out KiB cap)) history.Cap.Restore(cap);
        return new DomainPass(history);
    }

    private ReadOnlySpan<DomainSnapshot> InOrder(ReadOnlySpan<DomainSnapshot> domains)
    {
        bool ascending = true;
        for (int i = 1; i < domains.Length && ascending; i++)
        {
            ascending = domains[i - 1].Identity.Domid < domains[i].Identity.Domid;
        }

        if (ascending) return domains;
        sorted = domains.ToArray();
        Array.Sort(sorted, (left, right) => left.Identity.Domid.CompareTo(right.Identity.Domid));
        return sorted;
    }
}
