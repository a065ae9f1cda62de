using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Qubes' qmemman in charge of the host. It reacts to each change that an agent writes. One lock is held while a
/// balancing runs, and from the start of a domain until it is up. It knows maximums, but no minimums and no weights,
/// and also sets the targets of paused domains.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class QmemmanPolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan UntilSomethingChanges = TimeSpan.FromMinutes(1);

    private readonly QmemmanState state = new(scenario);
    private readonly StartRetries retries = new();
    private bool isDue;
    private BalanceRun? balance;
    private ReleaseRun? release;
    private StartRequest? served;

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        isDue |= state.Update(snapshot);
        Advance(snapshot, waiting);
        bool busy = balance is not null || served is not null || isDue;
        bool refused = waiting.Any(start => start != served);
        return busy
            ? new PolicyDecision(state.Commands.ToImmutable(), Delay)
            : new PolicyDecision(
                state.Commands.ToImmutable(), refused ? TimeSpan.FromSeconds(1) : UntilSomethingChanges,
                WakeOnChange: true);
    }

    private void Advance(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        if (served is { } start && !HoldsLock(start, snapshot, waiting)) served = null;
        if (balance is { } run && run.Advance(state)) balance = null;
        if (served is not null || balance is not null) return;

        served = waiting.FirstOrDefault(request => retries.IsDue(request, snapshot.At));
        if (served is not null)
        {
            state.ReadmitAll();
            release = new ReleaseRun(served.Needed);
            if (!HoldsLock(served, snapshot, waiting)) served = null;
            return;
        }

        if (!isDue) return;
        isDue = false;
        balance = BalanceRun.Begin(state);
        if (balance is { } begun && begun.Advance(state)) balance = null;
    }

    /// <summary>
    /// Whether a start still holds the lock: until its memory is refused, or the domain is up or was abandoned.
    /// </summary>
    private bool HoldsLock(StartRequest start, HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        if (release is { } run)
        {
            bool? succeeded = run.Advance(state);
            if (succeeded is not null) release = null;
            if (succeeded is false) retries.OnRefused(start, snapshot.At);
            return succeeded is not false;
        }

        DomainSnapshot? domain = snapshot.Domains.FirstOrDefault(domain => domain.Name == start.Name);
        return waiting.Contains(start) || domain is { Lifecycle: DomainLifecycle.Building };
    }
}

/// <summary>qmemman's state: the domains with their last targets, and the commands of this pass.</summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class QmemmanState(Scenario scenario)
{
    // The cost of Xen's structures for each page, as qmemman estimates it (from OpenStack's nova).
    private const double Assignable = 1 / 1.00781;

    private readonly GuestTracker tracker = new(scenario);
    private readonly Dictionary<DomainIdentity, MeminfoWriter> writers = [];
    private readonly Dictionary<DomainIdentity, KiB> lastTargets = [];
    private readonly HashSet<DomainIdentity> noProgress = [];
    private Dictionary<int, PeerGuest> guests = [];
    private Dictionary<int, KiB> current = [];
    private KiB xenFree;
    private PeerCommands commands = new();

    /// <summary>The domains by id.</summary>
    public IReadOnlyDictionary<int, QmemmanDomain> Domains =>
        guests.Values.Select(Domain).ToDictionary(domain => domain.Id);

    /// <summary>The commands since the last snapshot.</summary>
    public PeerCommands Commands => commands;

    /// <summary>Free memory that is not promised to a domain.</summary>
    public KiB Free
    {
        get
        {
            KiB free = xenFree;
            foreach (PeerGuest guest in guests.Values)
                free -= KiB.Max(KiB.Zero, lastTargets[guest.Identity] - current[guest.Identity.Domid]);
            return free;
        }
    }

    /// <summary>Reads the host; returns whether an agent wrote or the set of domains changed.</summary>
    public bool Update(HostSnapshot snapshot)
    {
        int[] before = [.. guests.Keys];
        guests = tracker.Update(snapshot).ToDictionary(guest => guest.Identity.Domid);
        current = guests.ToDictionary(pair => pair.Key, pair => pair.Value.Actual);
        xenFree = snapshot.Free.Times(Assignable);
        commands = new PeerCommands();
        bool changed = !before.SequenceEqual(guests.Keys);
        foreach (PeerGuest guest in guests.Values)
        {
            lastTargets.TryAdd(guest.Identity, guest.Target);
            if (!writers.TryGetValue(guest.Identity, out MeminfoWriter? writer))
                writers.Add(guest.Identity, writer = new MeminfoWriter());
            if (guest.Vitals is { } vitals) changed |= writer.Read(vitals);
        }

        return changed;
    }

    /// <summary>
    /// Sets the size of a domain. (qmemman writes 16 MiB less to xenstore, for the offset of its guests; here each
    /// guest's own offset is already subtracted.)
    /// </summary>
    public void Set(QmemmanRequest request)
    {
        PeerGuest guest = guests[request.Id];
        lastTargets[guest.Identity] = request.Size;
        commands.Resize(guest, request.Size);
    }

    /// <summary>Excludes a domain that did not respond.</summary>
    public void OnNoProgress(int id) => noProgress.Add(guests[id].Identity);

    /// <summary>Includes all domains again.</summary>
    public void ReadmitAll() => noProgress.Clear();

    /// <summary>Includes the domains again that have responded since or need memory themselves.</summary>
    public void Readmit()
    {
        KiB margin = QmemmanThresholds.LeftFree.Times(0.5);
        foreach (QmemmanDomain domain in Domains.Values)
        {
            bool responded = domain.Actual <= domain.LastTarget + margin || domain.Actual < domain.Preferred;
            if (domain.Used is not null && responded)
                noProgress.Remove(guests[domain.Id].Identity);
        }
    }

    private QmemmanDomain Domain(PeerGuest guest) => new(
        guest.Identity.Domid,
        writers[guest.Identity].Written,
        KiB.Max(guest.Actual, lastTargets[guest.Identity]),
        guest.Settings.Maximum,
        lastTargets[guest.Identity],
        noProgress.Contains(guest.Identity));
}

/// <summary>
/// A balancing in progress (qmemman's <c>do_balance</c>). Sizes are set one by one. Before a domain grows, the others
/// get half a second to give memory back. If that is not enough, the domain gets what is free and the rest of the list
/// is dropped.
/// </summary>
/// <param name="requests">The sizes, donors first.</param>
/// <param name="before">What each domain held when the balancing began.</param>
internal sealed class BalanceRun(IReadOnlyList<QmemmanRequest> requests, IReadOnlyDictionary<int, KiB> before)
{
    private const int Tries = 5;

    private int next;
    private int triesLeft = Tries;

    /// <summary>Begins a balancing if the change is large enough.</summary>
    public static BalanceRun? Begin(QmemmanState state)
    {
        state.Readmit();
        IReadOnlyDictionary<int, QmemmanDomain> domains = state.Domains;
        IReadOnlyList<QmemmanRequest> requests =
            QmemmanBalance.Requests(state.Free - QmemmanThresholds.LeftFree, domains.Values);
        bool worth = requests.Count > 0 && QmemmanThresholds.AreMet(requests, domains, state.Free);
        return worth
            ? new BalanceRun(requests, domains.ToDictionary(pair => pair.Key, pair => pair.Value.Actual))
            : null;
    }

    /// <summary>Continues as far as possible; returns whether it is done.</summary>
    public bool Advance(QmemmanState state)
    {
        while (next < requests.Count)
        {
            if (!state.Domains.TryGetValue(requests[next].Id, out QmemmanDomain? domain))
            {
                next++;
                continue;
            }

            if (state.Free - (requests[next].Size - domain.Actual) < QmemmanThresholds.LeftFree.Times(0.9))
            {
                if (triesLeft-- > 0) return false;
                MarkUnresponsive(state);
                state.Set(new QmemmanRequest(domain.Id, state.Free + domain.Actual - QmemmanThresholds.LeftFree));
                return true;
            }

            state.Set(requests[next]);
            triesLeft = Tries;
            next++;
        }

        return true;
    }

    private void MarkUnresponsive(QmemmanState state)
    {
        foreach (QmemmanRequest done in requests.Take(next))
        {
            bool still = state.Domains.TryGetValue(done.Id, out QmemmanDomain? domain)
                && domain.Actual > domain.LastTarget + QmemmanThresholds.LeftFree.Times(0.25)
                && domain.Actual == before[done.Id];
            if (still) state.OnNoProgress(done.Id);
        }
    }
}

/// <summary>
/// Memory being freed for a start (qmemman's <c>do_balloon</c>), checked ten times a second. It fails when less than
/// 300 MiB came within 3 s, or when the domains that still respond have too little beyond their preference.
/// </summary>
/// <param name="amount">The memory that the start needs.</param>
internal sealed class ReleaseRun(KiB amount)
{
    private const int SamplesInPeriod = 30;
    private static readonly KiB LeastInPeriod = KiB.FromMiB(300);

    private readonly Queue<KiB> lately = new();
    private Dictionary<int, KiB> resized = [];

    /// <summary>Makes one check; returns whether it succeeded, or null while it continues.</summary>
    public bool? Advance(QmemmanState state)
    {
        KiB free = state.Free;
        if (free >= amount + QmemmanThresholds.LeastFree) return true;
        if (lately.Count == SamplesInPeriod && free < lately.Dequeue() + LeastInPeriod) return false;
        lately.Enqueue(free);
        IReadOnlyDictionary<int, QmemmanDomain> domains = state.Domains;
        foreach ((int id, KiB actual) in resized)
        {
            if (domains.TryGetValue(id, out QmemmanDomain? domain) && domain.Actual == actual) state.OnNoProgress(id);
        }

        IReadOnlyList<QmemmanRequest> requests =
            QmemmanRelease.Requests(amount + QmemmanThresholds.LeftFree - free, state.Domains.Values);
        if (requests.Count == 0) return false;
        foreach (QmemmanRequest request in requests) state.Set(request);
        resized = requests.ToDictionary(request => request.Id, request => domains[request.Id].Actual);
        return null;
    }
}

/// <summary>
/// Qubes' agent in one guest (qubes-linux-utils, meminfo-writer with a threshold of 30,000 KiB). It writes the memory
/// in use only after a large enough change. tmpfs and shared memory are in Cached and so count as not used, although
/// they cannot be dropped.
/// </summary>
internal sealed class MeminfoWriter
{
    private const double CacheFactor = 1.3;
    private static readonly KiB Threshold = new(30_000);

    private TimeSpan? readAt;

    /// <summary>The last written value; null before the first.</summary>
    public KiB? Written { get; private set; }

    /// <summary>Reads /proc/meminfo; returns whether it wrote.</summary>
    public bool Read(ReportedVitals vitals)
    {
        if (vitals.At == readAt) return false;
        readAt = vitals.At;
        KiB used = vitals.Total - vitals.Free - vitals.Cached + vitals.SwapUsed;
        if (used < KiB.Zero || (Written is { } before && !IsWorthWriting(before, used, vitals.Total))) return false;
        Written = used;
        return true;
    }

    private static bool IsWorthWriting(KiB before, KiB used, KiB total)
    {
        KiB change = KiB.Max(used - before, before - used);
        return change > Threshold
            || (used > before && used.Times(CacheFactor) > total && change > Threshold.Times(0.5));
    }
}
