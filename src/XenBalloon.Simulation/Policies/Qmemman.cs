using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Qubes' qmemman in charge of the host. It acts on each change that an agent writes; one lock is held while a balancing runs, and from the moment a
/// domain is to start until it is up. It knows maximums, no minimums and no weights, and sets the targets of paused domains too.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
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
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        isDue |= state.Look(snapshot);
        Advance(snapshot, waiting);
        bool busy = balance is not null || served is not null || isDue;
        bool refused = waiting.Any(start => start != served);
        return busy
            ? new Turn(state.Commands.ToImmutable(), Delay)
            : new Turn(state.Commands.ToImmutable(), refused ? TimeSpan.FromSeconds(1) : UntilSomethingChanges, WakeOnChange: true);
    }

    private void Advance(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        if (served is { } start && !GoesOn(start, snapshot, waiting)) served = null;
        if (balance is { } run && run.Advance(state)) balance = null;
        if (served is not null || balance is not null) return;

        served = waiting.FirstOrDefault(asked => retries.IsAskedFor(asked, snapshot.At));
        if (served is not null)
        {
            state.ForgiveAll();
            release = new ReleaseRun(served.Needed);
            if (!GoesOn(served, snapshot, waiting)) served = null;
            return;
        }

        if (!isDue) return;
        isDue = false;
        balance = BalanceRun.Begin(state);
        if (balance is { } begun && begun.Advance(state)) balance = null;
    }

    /// <summary>Whether the lock is held further for a start: until its memory is refused, or the domain is up, or was given up.</summary>
    private bool GoesOn(StartRequest start, HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
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

/// <summary>
/// A balancing under way (qmemman's <c>do_balance</c>): the sizes are set one after the other, and before one that grows, the others get half a second to
/// give memory back. If that is not enough, it gets what there is, and the rest of the list is dropped.
/// </summary>
/// <param name="requests">The sizes, those who give first.</param>
/// <param name="before">What each domain held when the balancing began.</param>
internal sealed class BalanceRun(IReadOnlyList<QmemmanRequest> requests, IReadOnlyDictionary<int, KiB> before)
{
    private const int Tries = 5;

    private int next;
    private int triesLeft = Tries;

    /// <summary>Begins a balancing if it is worth the trouble.</summary>
    public static BalanceRun? Begin(QmemmanState state)
    {
        state.Forgive();
        IReadOnlyDictionary<int, QmemmanDomain> domains = state.Domains;
        IReadOnlyList<QmemmanRequest> requests = QmemmanBalance.Requests(state.Free - QmemmanThresholds.LeftFree, domains.Values);
        bool worth = requests.Count > 0 && QmemmanThresholds.AreMet(requests, domains, state.Free);
        return worth ? new BalanceRun(requests, domains.ToDictionary(pair => pair.Key, pair => pair.Value.Actual)) : null;
    }

    /// <summary>Goes on as far as it can now; returns whether it is done.</summary>
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
                Blame(state);
                state.Set(new QmemmanRequest(domain.Id, state.Free + domain.Actual - QmemmanThresholds.LeftFree));
                return true;
            }

            state.Set(requests[next]);
            triesLeft = Tries;
            next++;
        }

        return true;
    }

    private void Blame(QmemmanState state)
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
/// Memory being freed for a start (qmemman's <c>do_balloon</c>): looked at ten times a second. It fails when less than 300 MiB came in 3 s, or when those
/// who still move have too little beyond their preference.
/// </summary>
/// <param name="amount">What is to be free for the start.</param>
internal sealed class ReleaseRun(KiB amount)
{
    private const int LooksInPeriod = 30;
    private static readonly KiB LeastInPeriod = KiB.FromMiB(300);

    private readonly Queue<KiB> lately = new();
    private Dictionary<int, KiB> asked = [];

    /// <summary>Looks once; returns whether it succeeded, or null while it goes on.</summary>
    public bool? Advance(QmemmanState state)
    {
        KiB free = state.Free;
        if (free >= amount + QmemmanThresholds.LeastFree) return true;
        if (lately.Count == LooksInPeriod && free < lately.Dequeue() + LeastInPeriod) return false;
        lately.Enqueue(free);
        IReadOnlyDictionary<int, QmemmanDomain> domains = state.Domains;
        foreach ((int id, KiB actual) in asked)
        {
            if (domains.TryGetValue(id, out QmemmanDomain? domain) && domain.Actual == actual) state.OnNoProgress(id);
        }

        IReadOnlyList<QmemmanRequest> requests = QmemmanRelease.Requests(amount + QmemmanThresholds.LeftFree - free, state.Domains.Values);
        if (requests.Count == 0) return false;
        foreach (QmemmanRequest request in requests) state.Set(request);
        asked = requests.ToDictionary(request => request.Id, request => domains[request.Id].Actual);
        return null;
    }
}

/// <summary>
/// Qubes' agent in one guest (qubes-linux-utils, meminfo-writer, run with a threshold of 30,000 KiB): it writes what is in use only when that has
/// changed enough. tmpfs and shared memory are in Cached and so do not count as used, although they cannot be dropped.
/// </summary>
internal sealed class MeminfoWriter
{
    private const double CacheFactor = 1.3;
    private static readonly KiB Threshold = new(30_000);

    private TimeSpan? readAt;

    /// <summary>What it wrote last; null before the first time.</summary>
    public KiB? Written { get; private set; }

    /// <summary>Reads /proc/meminfo; returns whether it has written.</summary>
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
        return change > Threshold || (used > before && used.Times(CacheFactor) > total && change > Threshold.Times(0.5));
    }
}
