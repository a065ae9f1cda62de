using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// VMware ESX's allocation in charge of the host (Waldspurger, OSDI 2002): min-funding revocation with an idle memory
/// tax of 75 % on sampled active memory, every 15 s and when the host's state changes or a domain starts. ESX redemands
/// memory as guests touch more; here a guest grows only into free memory.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class EsxPolicy(Scenario scenario) : IMemoryPolicy, IPageSamplingPolicy, IWorkingSetEstimator
{
    private const double IdleTax = 0.75;
    private static readonly TimeSpan PassInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BalanceInterval = TimeSpan.FromSeconds(15);

    private readonly GuestTracker tracker = new(scenario);
    private readonly ActiveMemorySampler sampler = new(scenario.Seed);
    private HostState state;
    private TimeSpan balanceAt;
    private EsxGuest[] active = [];
    private Dictionary<DomainIdentity, KiB> sizes = [];

    /// <inheritdoc/>
    public void SampleFrom(IPageSampler memory) => sampler.Memory = memory;

    /// <inheritdoc/>
    public KiB? WorkingSet(DomainIdentity domain)
    {
        foreach (EsxGuest guest in active)
        {
            if (guest.Guest.Identity == domain) return guest.IsSampled ? guest.Active + guest.Guest.Offset : null;
        }

        return null;
    }

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. tracker.Update(snapshot).Where(guest => guest.IsUp)];
        active = [.. sampler.Sample(guests, snapshot.At)];
        HostState before = state;
        state = HostStates.After(before, snapshot.Free, snapshot.Total);
        KiB starts = FreeMemory.NeededBy(waiting);
        KiB keep = starts + HostStates.HighThreshold(snapshot.Total);
        bool due = state != before || snapshot.At >= balanceAt || snapshot.Free < starts
            || guests.Any(guest => !sizes.ContainsKey(guest.Identity));
        if (due) Balance(snapshot, keep);

        var commands = new PeerCommands();
        bool reclaiming = state != HostState.High || snapshot.Free < keep || active.Any(guest => guest.IsShort);
        PacedResize.Apply(commands, snapshot, [.. guests.Select(guest => (guest, Size(guest, reclaiming)))], keep);
        return new PolicyDecision(commands.ToImmutable(), PassInterval);
    }

    private void Balance(HostSnapshot snapshot, KiB keep)
    {
        balanceAt = snapshot.At + BalanceInterval;
        KiB capacity = snapshot.Free - keep + new KiB(active.Sum(guest => guest.Guest.Actual.Value));
        WeightedDemand[] demands = Array.ConvertAll(
            active, guest => new WeightedDemand(guest.Guest.Settings.Weight, guest.Active, guest.Lower, guest.Upper));
        KiB[] shares = WeightedShares.Divide(demands, capacity, IdleTax);
        sizes = active.Zip(shares).ToDictionary(pair => pair.First.Guest.Identity, pair => pair.Second);
    }

    private KiB Size(PeerGuest guest, bool reclaiming)
    {
        KiB size = sizes.TryGetValue(guest.Identity, out KiB known) ? known : guest.Target;
        return reclaiming ? size : KiB.Max(size, guest.Target);
    }
}

/// <summary>A guest as ESX sees it.</summary>
/// <param name="Guest">The domain.</param>
/// <param name="Active">The estimated active memory.</param>
/// <param name="IsSampled">
/// Whether the estimate is measured; before the first sampling period ends it is only assumed.
/// </param>
internal readonly record struct EsxGuest(PeerGuest Guest, KiB Active, bool IsSampled)
{
    // Mem.CtlMaxPercent: a balloon takes at most this part of a guest's configured memory, which is its boot memory
    // there.
    private const double MostBallooned = 0.65;

    // Demand is the active memory and a quarter more.
    private const double Demand = 1.25;

    /// <summary>The reservation; if not set, what a balloon leaves at least.</summary>
    public KiB Lower => Guest.Settings.Minimum ?? Guest.Settings.BootMemory.Times(1 - MostBallooned);

    /// <summary>The limit.</summary>
    public KiB Upper => KiB.Max(Lower, Guest.Settings.Maximum);

    /// <summary>
    /// Whether it would touch more memory if it had it. In ESX this takes free memory and so starts reclamation.
    /// </summary>
    public bool IsShort => Active.Times(Demand) > Guest.Target;
}

/// <summary>
/// Finds a host's state: thresholds at 6, 4, 2 and 1 % free. It improves only when the next threshold is clearly
/// exceeded.
/// </summary>
internal static class HostStates
{
    private const double HighFraction = 0.06;
    private const double SoftFraction = 0.04;
    private const double HardFraction = 0.02;
    private const double LowFraction = 0.01;

    /// <summary>The least free memory in the high state.</summary>
    public static KiB HighThreshold(KiB total) => total.Times(HighFraction);

    /// <summary>The next state.</summary>
    /// <param name="before">The state so far.</param>
    /// <param name="free">The free memory.</param>
    /// <param name="total">The host's memory.</param>
    public static HostState After(HostState before, KiB free, KiB total)
    {
        double fraction = free.Value / (double)total.Value;
        HostState falling = fraction < LowFraction
            ? HostState.Low
            : fraction < HardFraction ? HostState.Hard
            : fraction < SoftFraction ? HostState.Soft
            : HostState.High;
        HostState rising = fraction >= HighFraction
            ? HostState.High
            : fraction >= SoftFraction ? HostState.Soft
            : fraction >= HardFraction ? HostState.Hard
            : HostState.Low;
        return falling > before ? falling : rising < before ? rising : before;
    }
}

/// <summary>ESX's states of a host, by free memory (Waldspurger, OSDI 2002, §6.3).</summary>
internal enum HostState
{
    /// <summary>Enough is free; nothing is reclaimed.</summary>
    High,

    /// <summary>Memory is reclaimed with balloons.</summary>
    Soft,

    /// <summary>Memory is reclaimed by force.</summary>
    Hard,

    /// <summary>
    /// As hard; in addition, guests above their target get nothing more. Here the cap always ensures that.
    /// </summary>
    Low,
}

/// <summary>Samples all guests in periods of 30 s.</summary>
/// <param name="seed">The random seed.</param>
internal sealed class ActiveMemorySampler(ulong seed)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly Dictionary<DomainIdentity, ActiveEstimate> estimates = [];
    private TimeSpan periodBegan;

    /// <summary>The sampler; null to use the guests' reports.</summary>
    public IPageSampler? Memory { get; set; }

    /// <summary>Samples the guests and returns the active memory of each.</summary>
    public IEnumerable<EsxGuest> Sample(IReadOnlyList<PeerGuest> guests, TimeSpan now)
    {
        bool ends = now - periodBegan >= Period;
        double elapsed = Math.Clamp((now - periodBegan) / Period, 0, 1);
        if (ends) periodBegan = now;
        foreach (PeerGuest guest in guests)
        {
            if (!estimates.TryGetValue(guest.Identity, out ActiveEstimate? estimate))
                estimates.Add(
                    guest.Identity, estimate = new ActiveEstimate(Noise.Bits(seed, (ulong)guest.Identity.Domid)));
            if (Touched(guest) is { } touched)
            {
                if (ends) estimate.EndPeriod(touched);
                else estimate.SamplePartial(touched, elapsed);
            }

            yield return new EsxGuest(guest, estimate.Of(guest.Actual), estimate.IsKnown);
        }
    }

    private double? Touched(PeerGuest guest)
    {
        KiB? seen = Memory?.Touched(guest.Identity)
            ?? (guest.Vitals is { } vitals ? guest.Actual - vitals.Available : null);
        return seen is { } touched ? Math.Clamp(touched.Value / (double)guest.Actual.Value, 0, 1) : null;
    }
}

/// <summary>
/// ESX's estimate of the active memory of one guest (Waldspurger, OSDI 2002, §5.3). Of 100 random pages it counts those
/// that are touched within 30 s. It uses the greatest of a slow moving average, a fast one and the current period, so
/// that it rises fast and falls slowly.
/// </summary>
/// <param name="seed">The random seed.</param>
internal sealed class ActiveEstimate(ulong seed)
{
    private const int Samples = 100;
    private const double SlowGain = 0.25;
    private const double FastGain = 0.75;

    private double? slow;
    private double fast;
    private double partial;
    private ulong period;

    /// <summary>Whether the first period has ended.</summary>
    public bool IsKnown => slow is not null;

    /// <summary>The fraction of its memory that is active, 0 to 1; 1 before the first period ends.</summary>
    public double Fraction => slow is { } known ? Math.Max(Math.Max(known, fast), partial) : 1;

    /// <summary>Samples within a period.</summary>
    /// <param name="touched">The fraction of its memory that the guest touches in half a minute.</param>
    /// <param name="elapsed">
    /// The fraction of the period that has passed, 0 to 1, which limits how many sampled pages can have been touched.
    /// </param>
    public void SamplePartial(double touched, double elapsed) => partial = Sampled(touched) * elapsed;

    /// <summary>Ends a period of 30 s.</summary>
    /// <param name="touched">The fraction of its memory that the guest touched.</param>
    public void EndPeriod(double touched)
    {
        double seen = Sampled(touched);
        (slow, fast) = slow is { } before
            ? (before + (SlowGain * (seen - before)), fast + (FastGain * (seen - fast)))
            : (seen, seen);
        partial = 0;
        period++;
    }

    /// <summary>The active part of an amount.</summary>
    public KiB Of(KiB amount) => amount.Times(Fraction);

    private double Sampled(double touched)
    {
        int hits = 0;
        for (int page = 0; page < Samples; page++)
        {
            if (Noise.Fraction(seed, (period * Samples) + (ulong)page) < touched) hits++;
        }

        return hits / (double)Samples;
    }
}
