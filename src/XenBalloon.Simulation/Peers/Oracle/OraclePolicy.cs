using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>
/// Sees what is to come: the bound that others are measured against. Every guest gets what its programs and files will want within seconds, by urgency;
/// the rest goes to page cache, where it saves the most. What is no use to anyone's cache goes to what will be wanted within a minute, or stays where it
/// is, since more than it can use lowers nobody's slowdown. Memory for a start is free when the start comes. Ranges hold, the scenario's slack stays
/// free, and nothing is given out before it is free.
/// </summary>
/// <param name="scenario">Whose loads it knows.</param>
internal sealed class OraclePolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan Lookahead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(0.5);
    private static readonly KiB NotWorthIt = KiB.FromMiB(1);

    private readonly GuestRoster roster = new(scenario);
    private readonly Dictionary<string, GuestOutlook> outlooks = scenario.Guests
        .Select((guest, number) => new GuestOutlook(guest, Noise.Bits(scenario.Seed, (ulong)number)))
        .ToDictionary(outlook => outlook.Description.Name, StringComparer.Ordinal);

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        IReadOnlyList<PeerGuest> all = roster.Look(snapshot);
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            if (outlooks.TryGetValue(domain.Name, out GuestOutlook? outlook)) outlook.OnSeen(domain, snapshot.At);
        }

        PeerGuest[] guests = [.. all.Where(guest => CanMove(guest, snapshot.At))];
        OracleGuest[] plans = Array.ConvertAll(guests, guest => outlooks[guest.Domain.Name].Plan(guest, snapshot.At));
        KiB held = new(guests.Sum(guest => guest.Actual.Value));
        KiB promisedToOthers = new(all.Except(guests).Sum(guest => guest.Promised.Value));
        KiB room = snapshot.Free + held - promisedToOthers - scenario.Slack;
        KiB starts = Starts(waiting, snapshot, room - new KiB(guests.Sum(guest => outlooks[guest.Domain.Name].Wanted(guest, snapshot.At).Value)));
        KiB[] sizes = OraclePlan.Sizes(plans, room - starts);

        var commands = new PeerCommands();
        bool moving = Shrink(commands, guests, sizes);
        moving |= Grow(commands, guests, plans, sizes, Spare.Of(snapshot, all) - scenario.Slack - starts);
        return new Turn(commands.ToImmutable(), moving ? Tick.Length : Calm, WakeOnChange: true);
    }

    private bool CanMove(PeerGuest guest, TimeSpan now) =>
        guest.Domain is { Lifecycle: DomainLifecycle.Running, HasPassthrough: false, PopulatesOnDemand: false }
        && outlooks.TryGetValue(guest.Domain.Name, out GuestOutlook? outlook) && outlook.CanMove(now);

    /// <summary>What to free for starts that wait or are near: of those, as many as can be had without swapping somebody out.</summary>
    private KiB Starts(ImmutableArray<StartRequest> waiting, HostSnapshot snapshot, KiB most)
    {
        var there = snapshot.Domains.Select(domain => domain.Name).Concat(waiting.Select(start => start.Name)).ToHashSet(StringComparer.Ordinal);
        IEnumerable<KiB> near = outlooks.Values
            .Where(outlook => !there.Contains(outlook.Description.Name))
            .Select(outlook => outlook.StartsWithin(snapshot.At, Lookahead))
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
            if (guests[i].Target - sizes[i] < NotWorthIt) continue;
            commands.Resize(guests[i], sizes[i]);
            any = true;
        }

        return any;
    }

    /// <summary>Gives what is free now to those who are to grow, the most urgent first.</summary>
    private static bool Grow(PeerCommands commands, PeerGuest[] guests, OracleGuest[] plans, KiB[] sizes, KiB spare)
    {
        int[] growing = [.. Enumerable.Range(0, guests.Length).Where(i => sizes[i] - guests[i].Target >= NotWorthIt)];
        OracleGuest[] steps = Array.ConvertAll(
            growing, i => new OracleGuest(guests[i].Target.CeilingToPage(), sizes[i], [.. plans[i].Levels, OracleLevel.Files(sizes[i])]));
        KiB held = new(steps.Sum(step => step.Lower.Value));
        KiB[] grown = OraclePlan.Sizes(steps, held + spare);
        for (int i = 0; i < growing.Length; i++) commands.Resize(guests[growing[i]], grown[i]);
        return growing.Length > 0;
    }
}
