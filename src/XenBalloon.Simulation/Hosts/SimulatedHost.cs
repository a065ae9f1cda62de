using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Hosts;

/// <summary>
/// A scenario behind the interface of a real host. It runs by a given clock, real or virtual: every call first advances
/// the simulation to the clock's time, in fixed ticks.
/// </summary>
public sealed class SimulatedHost : IXenHost
{
    private readonly Lock gate = new();
    private readonly Machine machine;
    private readonly TimeProvider clock;
    private readonly long startedAt;
    private readonly ITimer timer;
    private readonly List<Waiter> waiters = [];
    private long changesSeen;
    private bool disposed;

    /// <summary>Begins the scenario now.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="ArgumentException">The scenario is invalid; the message lists the reasons.</exception>
    public SimulatedHost(Scenario scenario, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(clock);
        IReadOnlyList<string> problems = scenario.Problems();
        if (problems.Count > 0)
            throw new ArgumentException($"scenario {scenario.Name}: {string.Join("; ", problems)}", nameof(scenario));
        Scenario = scenario;
        machine = new Machine(scenario);
        this.clock = clock;
        startedAt = clock.GetTimestamp();
        this.timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The simulated scenario.</summary>
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
            waiters.RemoveAll(waiter => waiter.Task.IsCompleted);
            if (waiters.Count == 0) this.timer.Change(Tick.Length, Tick.Length);
            var waiter = new Waiter();
            waiters.Add(waiter);
            waiter.CancelWith(cancellation);
            return waiter.Task;
        }
    }

    /// <summary>The results so far.</summary>
    public SimulationReport Report()
    {
        lock (gate)
        {
            CatchUp();
            return machine.Report();
        }
    }

    /// <summary>Ends the simulation and cancels all waiting tasks.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            foreach (Waiter waiter in waiters) waiter.Cancel();
            waiters.Clear();
        }

        this.timer.Dispose();
    }

    // The timer runs only while a task waits: all other calls catch up by themselves.
    private void OnTimer()
    {
        lock (gate)
        {
            if (disposed) return;
            CatchUp();
            if (machine.Changes == changesSeen && waiters.Exists(waiter => !waiter.Task.IsCompleted)) return;
            this.timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            foreach (Waiter waiter in waiters) waiter.Wake();
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

    /// <summary>
    /// A task that completes as soon as <see cref="Wake"/> returns, so that the driver of a virtual clock sees it at
    /// once. Continuations run on other threads.
    /// </summary>
    private sealed class Waiter() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private CancellationTokenRegistration registration;

        public void CancelWith(CancellationToken cancellation) =>
            registration = cancellation.Register(() => TrySetCanceled(cancellation));

        public void Wake()
        {
            registration.Unregister();
            TrySetResult();
        }

        public void Cancel()
        {
            registration.Unregister();
            TrySetCanceled(CancellationToken.None);
        }
    }
}
