using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Qmemman;

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
