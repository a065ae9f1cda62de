using XenBalloon.Core.Hosts;

namespace XenBalloon.Core;

/// <summary>The domains that are known, in ascending order of domid: one case each, for as long as the domain lives.</summary>
internal sealed class Roster
{
    private List<DomainCase> known = [], next = [];
    private DomainSnapshot[] sorted = [];

    /// <summary>The case of a domain; null where there is none.</summary>
    internal DomainCase? Find(DomainIdentity identity) => known.Find(one => one.Identity == identity);

    /// <summary>Takes over which domains there are now: newcomers get a case, those that are gone lose theirs.</summary>
    /// <returns>A case for each domain of the snapshot, in ascending order of domid, not yet brought up to date.</returns>
    internal List<DomainCase> Meet(HostSnapshot snapshot, out ReadOnlySpan<DomainSnapshot> domains)
    {
        domains = InOrder(snapshot.Domains.AsSpan());
        next.Clear();
        int old = 0;
        foreach (DomainSnapshot domain in domains)
        {
            DomainIdentity identity = domain.Identity;
            while (old < known.Count && known[old].Identity.Domid < identity.Domid) old++;
            next.Add(old < known.Count && known[old].Identity == identity ? known[old] : new DomainCase(identity, snapshot.At));
        }

        (known, next) = (next, known);
        return known;
    }

    private ReadOnlySpan<DomainSnapshot> InOrder(ReadOnlySpan<DomainSnapshot> domains)
    {
        bool ascending = true;
        for (int i = 1; i < domains.Length && ascending; i++) ascending = domains[i - 1].Identity.Domid < domains[i].Identity.Domid;
        if (ascending) return domains;
        sorted = domains.ToArray();
        Array.Sort(sorted, (left, right) => left.Identity.Domid.CompareTo(right.Identity.Domid));
        return sorted;
    }
}
