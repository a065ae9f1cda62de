using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Esx;

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
