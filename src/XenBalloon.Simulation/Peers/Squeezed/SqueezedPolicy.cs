using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>
/// xapi's squeezed in charge of the host. Every 10 s it looks whether memory is unbalanced; a start reserves its memory first. Both are calls that
/// hold one lock to their end, with no deadline: while one domain trickles, nobody else is served, even when whoever wanted to start has long gone.
/// Where no dynamic-min was said, it is a quarter of static-max, the least that XenServer supported for Linux, or the boot memory if that is less.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class SqueezedPolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan BalanceInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Always kept free: 64 MiB for Xen's low-memory interrupt and 8 MiB for what building a domain needs besides.</summary>
    private static readonly KiB Slack = KiB.FromMiB(64 + 8);

    private static readonly KiB Tolerance = new(512);
    private static readonly KiB Inaccuracy = new(4);

    private readonly GuestRoster roster = new(scenario);
    private readonly StartRetries retries = new();
    private readonly Dictionary<string, KiB> reserved = new(StringComparer.Ordinal);
    private SqueezeCall? call;
    private StartRequest? served;
    private TimeSpan balanceAt = BalanceInterval;

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        IReadOnlyList<PeerGuest> guests = roster.Look(snapshot);
        foreach (string done in reserved.Keys.Except(waiting.Select(start => start.Name)).ToArray()) reserved.Remove(done);
        SqueezedHost host = Host(snapshot, guests);
        var commands = new PeerCommands();
        Begin(host, waiting, snapshot.At);
        if (call is { } underWay && GoesOn(underWay, host, guests, commands, snapshot.At)) return new Turn(commands.ToImmutable(), LookInterval);
        bool moreWait = waiting.Any(start => CanServe(start, snapshot.At));
        TimeSpan pause = moreWait ? LookInterval : balanceAt - snapshot.At;
        return new Turn(commands.ToImmutable(), pause > TimeSpan.Zero ? pause : LookInterval, WakeOnChange: true);
    }

    private static bool IsBalanced(KiB free) => free - Slack < Tolerance;

    private bool CanServe(StartRequest start, TimeSpan now) => !reserved.ContainsKey(start.Name) && retries.IsAskedFor(start, now);

    /// <summary>Takes the lock for the next call, if none has it.</summary>
    private void Begin(SqueezedHost host, ImmutableArray<StartRequest> waiting, TimeSpan now)
    {
        if (call is not null) return;
        foreach (StartRequest start in waiting.Where(start => CanServe(start, now)))
        {
            KiB wanted = start.Needed + Slack;
            if (SqueezeCall.IsNeedless(host, wanted))
            {
                reserved[start.Name] = start.Needed;
                host = host with { Free = host.Free - start.Needed };
                continue;
            }

            (served, call) = (start, new SqueezeCall(wanted, free => free >= wanted));
            return;
        }

        if (now < balanceAt) return;
        served = null;
        SqueezeStep first = new SqueezeCall(Slack, IsBalanced).Look(host, now);
        bool unbalanced = first.Sizes.Zip(host.Domains).Any(pair => pair.First.Size != pair.Second.Target);
        if (first.Outcome == SqueezeOutcome.Working && unbalanced) call = new SqueezeCall(Slack, IsBalanced);
        else balanceAt = now + BalanceInterval;
    }

    /// <summary>Lets the call look once; returns whether it goes on.</summary>
    private bool GoesOn(SqueezeCall underWay, SqueezedHost host, IReadOnlyList<PeerGuest> guests, PeerCommands commands, TimeSpan now)
    {
        SqueezeStep step = underWay.Look(host, now);
        foreach ((int id, KiB size) in step.Sizes) commands.Resize(guests.First(guest => guest.Identity.Domid == id), size);
        if (step.Outcome == SqueezeOutcome.Working) return true;
        call = null;
        if (served is not { } start) balanceAt = now + BalanceInterval;
        else if (step.Outcome == SqueezeOutcome.Succeeded) reserved[start.Name] = start.Needed;
        else retries.OnRefused(start, now);
        return false;
    }

    private SqueezedHost Host(HostSnapshot snapshot, IReadOnlyList<PeerGuest> guests)
    {
        KiB free = snapshot.Free;
        foreach (KiB amount in reserved.Values) free -= amount;
        return new SqueezedHost(free, [.. guests.Select(Domain)]);
    }

    private static SqueezedDomain Domain(PeerGuest guest)
    {
        if (!guest.HasBooted)
            return new SqueezedDomain(guest.Identity.Domid, CanBalloon: false, guest.Target, guest.Target, guest.Target, guest.Actual, Inaccuracy);
        KiB least = guest.Terms.Minimum ?? KiB.Min(guest.Terms.StaticMax.Times(0.25), guest.Terms.BootMemory);
        return new SqueezedDomain(guest.Identity.Domid, CanBalloon: true, least, guest.Target, guest.Terms.Maximum, guest.Actual, Inaccuracy);
    }
}
