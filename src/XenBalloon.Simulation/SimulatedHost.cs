using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation;

/// <summary>
/// A scenario behind the port that the real host has. It lives by the clock that it is given, real or virtual: whenever it is looked at, told
/// something or waited for, it first catches up with that clock in fixed steps.
/// </summary>
public sealed class SimulatedHost : IXenHost
{
    private readonly Lock gate = new();
    private readonly Machine machine;
    private readonly TimeProvider clock;
    private readonly long startedAt;
    private readonly ITimer timer;
    private readonly List<ChangeWaiter> waiters = [];
    private long changesSeen;
    private bool disposed;

    /// <summary>Begins the scenario now.</summary>
    /// <param name="scenario">What to simulate.</param>
    /// <param name="clock">The clock to live by.</param>
    /// <exception cref="ArgumentException">The scenario is impossible; the message says why.</exception>
    public SimulatedHost(Scenario scenario, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(clock);
        IReadOnlyList<string> problems = scenario.Problems();
        if (problems.Count > 0) throw new ArgumentException($"scenario {scenario.Name}: {string.Join("; ", problems)}", nameof(scenario));
        Scenario = scenario;
        machine = new Machine(scenario);
        this.clock = clock;
        startedAt = clock.GetTimestamp();
        this.timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is simulated.</summary>
    public Scenario Scenario { get; }

    /// <inheritdoc/>
    public string Description => $"simulated ({Scenario.Name})";

    /// <inheritdoc/>
    public HostSnapshot Observe()
    {
        lock (gate)
        {
            TimeSpan now = CatchUp();
            changesSeen = machine.Changes;
            return machine.Observe(now);
        }
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(HostCommand command)
    {
        lock (gate)
        {
            CatchUp();
            return machine.Execute(command);
        }
    }

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            CatchUp();
            if (cancellation.IsCancellationRequested) return Task.FromCanceled(cancellation);
            if (machine.Changes != changesSeen) return Task.CompletedTask;
            waiters.RemoveAll(gone => gone.Task.IsCompleted);
            if (waiters.Count == 0) this.timer.Change(Machine.TickLength, Machine.TickLength);
            var waiter = new ChangeWaiter();
            waiters.Add(waiter);
            waiter.Until(cancellation);
            return waiter.Task;
        }
    }

    /// <summary>What became of the scenario so far.</summary>
    public SimulationReport Report()
    {
        lock (gate)
        {
            CatchUp();
            return machine.Report();
        }
    }

    /// <summary>Ends the simulation; whoever still waits is cancelled.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            foreach (ChangeWaiter waiter in waiters) waiter.GiveUp();
            waiters.Clear();
        }

        this.timer.Dispose();
    }

    // Only while somebody waits does the timer run: whoever looks catches up anyway.
    private void OnTimer()
    {
        lock (gate)
        {
            if (disposed) return;
            CatchUp();
            if (machine.Changes == changesSeen && waiters.Exists(waiter => !waiter.Task.IsCompleted)) return;
            this.timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            foreach (ChangeWaiter waiter in waiters) waiter.Wake();
            waiters.Clear();
        }
    }

    private TimeSpan CatchUp()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        TimeSpan now = this.clock.GetElapsedTime(startedAt);
        machine.AdvanceTo(now);
        return now;
    }
}
