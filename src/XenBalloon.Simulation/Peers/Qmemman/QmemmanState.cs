using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Qmemman;

/// <summary>What qmemman knows of the host: the domains with what it last told them, and the commands that it gives.</summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class QmemmanState(Scenario scenario)
{
    // What Xen's own structures for each page cost, as qmemman reckons (from OpenStack's nova).
    private const double Assignable = 1 / 1.00781;

    private readonly GuestRoster roster = new(scenario);
    private readonly Dictionary<DomainIdentity, MeminfoWriter> writers = [];
    private readonly Dictionary<DomainIdentity, KiB> lastTargets = [];
    private readonly HashSet<DomainIdentity> noProgress = [];
    private Dictionary<int, PeerGuest> guests = [];
    private Dictionary<int, KiB> current = [];
    private KiB xenFree;
    private PeerCommands commands = new();

    /// <summary>The domains by id.</summary>
    public IReadOnlyDictionary<int, QmemmanDomain> Domains => guests.Values.Select(Domain).ToDictionary(domain => domain.Id);

    /// <summary>The commands given since the last look.</summary>
    public PeerCommands Commands => commands;

    /// <summary>What is free and promised to nobody.</summary>
    public KiB Free
    {
        get
        {
            KiB free = xenFree;
            foreach (PeerGuest guest in guests.Values) free -= KiB.Max(KiB.Zero, lastTargets[guest.Identity] - current[guest.Identity.Domid]);
            return free;
        }
    }

    /// <summary>Looks at the host; returns whether an agent wrote, or a domain came or went.</summary>
    public bool Look(HostSnapshot snapshot)
    {
        int[] before = [.. guests.Keys];
        guests = roster.Look(snapshot).ToDictionary(guest => guest.Identity.Domid);
        current = guests.ToDictionary(pair => pair.Key, pair => pair.Value.Actual);
        xenFree = snapshot.Free.Times(Assignable);
        commands = new PeerCommands();
        bool changed = !before.SequenceEqual(guests.Keys);
        foreach (PeerGuest guest in guests.Values)
        {
            lastTargets.TryAdd(guest.Identity, guest.Target);
            if (!writers.TryGetValue(guest.Identity, out MeminfoWriter? writer)) writers.Add(guest.Identity, writer = new MeminfoWriter());
            if (guest.Vitals is { } vitals) changed |= writer.Read(vitals);
        }

        return changed;
    }

    /// <summary>
    /// Tells a domain its size. (qmemman writes 16 MiB less than that to xenstore, for the offset that its guests have; here each guest's own offset is
    /// subtracted already.)
    /// </summary>
    public void Set(QmemmanRequest request)
    {
        PeerGuest guest = guests[request.Id];
        lastTargets[guest.Identity] = request.Size;
        commands.Resize(guest, request.Size);
    }

    /// <summary>It did not react: it is left out.</summary>
    public void OnNoProgress(int id) => noProgress.Add(guests[id].Identity);

    /// <summary>Takes everyone back who was left out.</summary>
    public void ForgiveAll() => noProgress.Clear();

    /// <summary>Takes those back who have reacted since, or lack memory themselves.</summary>
    public void Forgive()
    {
        KiB margin = QmemmanThresholds.LeftFree.Times(0.5);
        foreach (QmemmanDomain domain in Domains.Values)
        {
            if (domain.Used is not null && (domain.Actual <= domain.LastTarget + margin || domain.Actual < domain.Preferred))
                noProgress.Remove(guests[domain.Id].Identity);
        }
    }

    private QmemmanDomain Domain(PeerGuest guest) => new(
        guest.Identity.Domid,
        writers[guest.Identity].Written,
        KiB.Max(guest.Actual, lastTargets[guest.Identity]),
        guest.Terms.Maximum,
        lastTargets[guest.Identity],
        noProgress.Contains(guest.Identity));
}
