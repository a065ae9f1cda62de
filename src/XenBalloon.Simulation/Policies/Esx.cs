using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// VMware ESX's allocation in charge of the host (Waldspurger, OSDI 2002): min-funding revocation with an idle memory tax of 75 % on sampled active memory,
/// every 15 s and when the host's state changes or a domain starts. ESX reclaims what guests touch and grow by; here growth is granted from what is free.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class EsxPolicy(Scenario scenario) : IMemoryPolicy, ISamplesTouchedMemory, IEstimatesWorkingSets
{
    private const double IdleTax = 0.75;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BalanceInterval = TimeSpan.FromSeconds(15);

    private readonly GuestRoster roster = new(scenario);
    private readonly TouchSampler sampler = new(scenario.Seed);
    private HostState state;
    private TimeSpan balanceAt;
    private EsxGuest[] active = [];
    private Dictionary<DomainIdentity, KiB> sizes = [];

    /// <inheritdoc/>
    public void SampleFrom(ITouchedMemory memory) => sampler.Memory = memory;

    /// <inheritdoc/>
    public KiB? Estimate(DomainIdentity domain)
    {
        foreach (EsxGuest guest in active)
        {
            if (guest.Guest.Identity == domain) return guest.IsSampled ? guest.Active + guest.Guest.Offset : null;
        }

        return null;
    }

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. roster.Look(snapshot).Where(guest => guest.HasBooted && guest.Domain.Lifecycle == DomainLifecycle.Running)];
        active = [.. sampler.Look(guests, snapshot.At)];
        HostState before = state;
        state = HostStates.After(before, snapshot.Free, snapshot.Total);
        KiB starts = Spare.Needed(waiting);
        KiB keep = starts + HostStates.Enough(snapshot.Total);
        bool due = state != before || snapshot.At >= balanceAt || snapshot.Free < starts || guests.Any(guest => !sizes.ContainsKey(guest.Identity));
        if (due) Balance(snapshot, keep);

        var commands = new PeerCommands();
        bool taking = state != HostState.High || snapshot.Free < keep || active.Any(guest => guest.Lacks);
        PacedSizes.Set(commands, snapshot, [.. guests.Select(guest => (guest, Size(guest, taking)))], keep);
        return new Turn(commands.ToImmutable(), LookInterval);
    }

    private void Balance(HostSnapshot snapshot, KiB keep)
    {
        balanceAt = snapshot.At + BalanceInterval;
        KiB capacity = snapshot.Free - keep + new KiB(active.Sum(guest => guest.Guest.Actual.Value));
        Claim[] claims = Array.ConvertAll(active, guest => new Claim(guest.Guest.Terms.Weight, guest.Active, guest.Lower, guest.Upper));
        KiB[] shares = ShareOut.Among(claims, capacity, IdleTax);
        sizes = active.Zip(shares).ToDictionary(pair => pair.First.Guest.Identity, pair => pair.Second);
    }

    private KiB Size(PeerGuest guest, bool taking)
    {
        KiB size = sizes.TryGetValue(guest.Identity, out KiB known) ? known : guest.Target;
        return taking ? size : KiB.Max(size, guest.Target);
    }
}

/// <summary>A guest as ESX allocates to it.</summary>
/// <param name="Guest">The domain.</param>
/// <param name="Active">What it is believed to use.</param>
/// <param name="IsSampled">Whether that has been found out, and is not only supposed until the first period of sampling is over.</param>
internal readonly record struct EsxGuest(PeerGuest Guest, KiB Active, bool IsSampled)
{
    // Mem.CtlMaxPercent: a balloon takes no more than this of a guest's configured memory, which is what it boots with there.
    private const double MostBallooned = 0.65;

    // What a guest is reckoned to need is its active memory and a quarter more.
    private const double Demand = 1.25;

    /// <summary>Its reservation, none where nothing was said, but what a balloon may leave it at least.</summary>
    public KiB Lower => Guest.Terms.Minimum ?? Guest.Terms.BootMemory.Times(1 - MostBallooned);

    /// <summary>Its limit.</summary>
    public KiB Upper => KiB.Max(Lower, Guest.Terms.Maximum);

    /// <summary>Whether it would touch more if it had more: in ESX that takes free memory, and so sets reclamation off.</summary>
    public bool Lacks => Active.Times(Demand) > Guest.Target;
}

/// <summary>Finds a host's state: 6, 4, 2 and 1 % free, and back up only once the next threshold is exceeded clearly.</summary>
internal static class HostStates
{
    private const double HighPart = 0.06;
    private const double SoftPart = 0.04;
    private const double HardPart = 0.02;
    private const double LowPart = 0.01;

    /// <summary>What is free in the high state at least.</summary>
    public static KiB Enough(KiB total) => total.Times(HighPart);

    /// <summary>The next state.</summary>
    /// <param name="before">The state until now.</param>
    /// <param name="free">What is free.</param>
    /// <param name="total">The host's memory.</param>
    public static HostState After(HostState before, KiB free, KiB total)
    {
        double part = free.Value / (double)total.Value;
        HostState falling = part < LowPart ? HostState.Low : part < HardPart ? HostState.Hard : part < SoftPart ? HostState.Soft : HostState.High;
        HostState rising = part >= HighPart ? HostState.High : part >= SoftPart ? HostState.Soft : part >= HardPart ? HostState.Hard : HostState.Low;
        return falling > before ? falling : rising < before ? rising : before;
    }
}

/// <summary>ESX's states of a host by its free memory (Waldspurger, OSDI 2002, §6.3).</summary>
internal enum HostState
{
    /// <summary>Enough is free: nothing is reclaimed.</summary>
    High,

    /// <summary>Memory is reclaimed with balloons.</summary>
    Soft,

    /// <summary>Memory is reclaimed by force.</summary>
    Hard,

    /// <summary>Besides, who has more than its target gets nothing more; here its cap always sees to that.</summary>
    Low,
}

/// <summary>Samples all guests in periods of 30 s.</summary>
/// <param name="seed">Where chance comes from.</param>
internal sealed class TouchSampler(ulong seed)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly Dictionary<DomainIdentity, ActiveEstimate> estimates = [];
    private TimeSpan periodBegan;

    /// <summary>Where to look; null to take the guests' word.</summary>
    public ITouchedMemory? Memory { get; set; }

    /// <summary>Looks at the guests, and says what each is believed to use.</summary>
    public IEnumerable<EsxGuest> Look(IReadOnlyList<PeerGuest> guests, TimeSpan now)
    {
        bool ends = now - periodBegan >= Period;
        double elapsed = Math.Clamp((now - periodBegan) / Period, 0, 1);
        if (ends) periodBegan = now;
        foreach (PeerGuest guest in guests)
        {
            if (!estimates.TryGetValue(guest.Identity, out ActiveEstimate? estimate))
                estimates.Add(guest.Identity, estimate = new ActiveEstimate(Noise.Bits(seed, (ulong)guest.Identity.Domid)));
            if (Touched(guest) is { } touched)
            {
                if (ends) estimate.EndPeriod(touched);
                else estimate.Look(touched, elapsed);
            }

            yield return new EsxGuest(guest, estimate.Of(guest.Actual), estimate.IsKnown);
        }
    }

    private double? Touched(PeerGuest guest)
    {
        KiB? seen = Memory?.Touched(guest.Identity) ?? (guest.Vitals is { } vitals ? guest.Actual - vitals.Available : null);
        return seen is { } touched ? Math.Clamp(touched.Value / (double)guest.Actual.Value, 0, 1) : null;
    }
}

/// <summary>
/// ESX's estimate of the active memory of one guest (Waldspurger, OSDI 2002, §5.3): of 100 random pages it counts those that are touched in 30 s, and takes
/// the greatest of a slow and a fast moving average and of what the period under way has shown so far, so that it rises fast and falls slowly.
/// </summary>
/// <param name="seed">Where chance comes from.</param>
internal sealed class ActiveEstimate(ulong seed)
{
    private const int Samples = 100;
    private const double SlowGain = 0.25;
    private const double FastGain = 0.75;

    private double? slow;
    private double fast;
    private double underWay;
    private ulong period;

    /// <summary>Whether a first period is over.</summary>
    public bool IsKnown => slow is not null;

    /// <summary>The part of its memory that is active, 0 to 1; all of it before the first period is over.</summary>
    public double Part => slow is { } known ? Math.Max(Math.Max(known, fast), underWay) : 1;

    /// <summary>Looks in the middle of a period.</summary>
    /// <param name="touched">The part of its memory that the guest touches in half a minute.</param>
    /// <param name="elapsed">How much of the period has passed, 0 to 1: no more of the sampled pages can have shown.</param>
    public void Look(double touched, double elapsed) => underWay = Sampled(touched) * elapsed;

    /// <summary>A period of 30 s is over.</summary>
    /// <param name="touched">The part of its memory that the guest touched.</param>
    public void EndPeriod(double touched)
    {
        double seen = Sampled(touched);
        (slow, fast) = slow is { } before ? (before + (SlowGain * (seen - before)), fast + (FastGain * (seen - fast))) : (seen, seen);
        underWay = 0;
        period++;
    }

    /// <summary>The active part of an amount.</summary>
    public KiB Of(KiB amount) => amount.Times(Part);

    private double Sampled(double touched)
    {
        int hits = 0;
        for (int page = 0; page < Samples; page++)
        {
            if (Noise.Part(seed, (period * Samples) + (ulong)page) < touched) hits++;
        }

        return hits / (double)Samples;
    }
}
