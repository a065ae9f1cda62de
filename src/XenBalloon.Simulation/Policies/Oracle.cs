using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Knows the future of the scenario; the bound that other policies are measured against. Every guest gets what its
/// programs and files will need within seconds, by urgency. The rest goes to page cache, where it saves the most
/// waiting. What no cache can use goes to needs within a minute, or stays where it is, since it lowers no slowdown.
/// Memory for a start is free when the start comes. Ranges hold, the scenario's slack stays free, and memory is given
/// out only when it is free.
/// </summary>
/// <param name="scenario">The scenario, with its loads.</param>
internal sealed class OraclePolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan Lookahead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(0.5);
    private static readonly KiB LeastChange = KiB.FromMiB(1);

    private readonly GuestTracker tracker = new(scenario);
    private readonly Dictionary<string, GuestForecast> forecasts = scenario.Guests
        .Select((guest, number) => new GuestForecast(guest, Noise.Bits(scenario.Seed, (ulong)number)))
        .ToDictionary(forecast => forecast.Description.Name, StringComparer.Ordinal);

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        IReadOnlyList<PeerGuest> all = tracker.Update(snapshot);
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            if (forecasts.TryGetValue(domain.Name, out GuestForecast? forecast)) forecast.Observe(domain, snapshot.At);
        }

        PeerGuest[] guests = [.. all.Where(guest => CanMove(guest, snapshot.At))];
        OracleGuest[] plans = Array.ConvertAll(guests, guest => forecasts[guest.Domain.Name].Plan(guest, snapshot.At));
        KiB held = new(guests.Sum(guest => guest.Actual.Value));
        KiB promisedToOthers = new(all.Except(guests).Sum(guest => guest.Promised.Value));
        KiB capacity = snapshot.Free + held - promisedToOthers - scenario.Slack;
        KiB starts = Starts(
            waiting, snapshot,
            capacity - new KiB(guests.Sum(guest => forecasts[guest.Domain.Name].Wanted(guest, snapshot.At).Value)));
        KiB[] sizes = OraclePlan.Sizes(plans, capacity - starts);

        var commands = new PeerCommands();
        bool moving = Shrink(commands, guests, sizes);
        moving |= Grow(commands, guests, plans, sizes, FreeMemory.Unpromised(snapshot, all) - scenario.Slack - starts);
        return new PolicyDecision(
            commands.ToImmutable(), moving ? Tick.Length : IdleInterval, WakeOnChange: true);
    }

    private bool CanMove(PeerGuest guest, TimeSpan now) =>
        guest.Domain is { Lifecycle: DomainLifecycle.Running, HasPassthrough: false, PopulatesOnDemand: false }
        && forecasts.TryGetValue(guest.Domain.Name, out GuestForecast? forecast) && forecast.CanMove(now);

    /// <summary>The memory to free for waiting and near starts: as many as fit without swapping out a guest.</summary>
    private KiB Starts(ImmutableArray<StartRequest> waiting, HostSnapshot snapshot, KiB most)
    {
        HashSet<string> there = snapshot.Domains.Select(domain => domain.Name)
            .Concat(waiting.Select(start => start.Name))
            .ToHashSet(StringComparer.Ordinal);
        IEnumerable<KiB> near = forecasts.Values
            .Where(forecast => !there.Contains(forecast.Description.Name))
            .Select(forecast => forecast.StartNeedWithin(snapshot.At, Lookahead))
            .OfType<KiB>();
        KiB starts = KiB.Zero;
        foreach (KiB needed in waiting.Select(start => start.Needed).Concat(near))
        {
            if (starts + needed <= most) starts += needed;
        }

        return starts;
    }

    private static bool Shrink(PeerCommands commands, PeerGuest[] guests, KiB[] sizes)
    {
        bool any = false;
        for (int i = 0; i < guests.Length; i++)
        {
            any |= guests[i].Actual > guests[i].Target;
            if (guests[i].Target - sizes[i] < LeastChange) continue;
            commands.Resize(guests[i], sizes[i]);
            any = true;
        }

        return any;
    }

    /// <summary>Gives free memory to the guests that grow, the most urgent first.</summary>
    private static bool Grow(PeerCommands commands, PeerGuest[] guests, OracleGuest[] plans, KiB[] sizes, KiB free)
    {
        int[] growing = [.. Enumerable.Range(0, guests.Length).Where(i => sizes[i] - guests[i].Target >= LeastChange)];
        OracleGuest[] steps = Array.ConvertAll(
            growing, i => new OracleGuest(
                guests[i].Target.CeilingToPage(), sizes[i], [.. plans[i].Levels, OracleLevel.Files(sizes[i])]));
        KiB held = new(steps.Sum(step => step.Lower.Value));
        KiB[] grown = OraclePlan.Sizes(steps, held + free);
        for (int i = 0; i < growing.Length; i++) commands.Resize(guests[growing[i]], grown[i]);
        return growing.Length > 0;
    }
}
