using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation;

/// <summary>
/// A scenario behind the port that the real host has. It lives by the clock that it is given, real or virtual: whenever it is looked at, told
/// something or waited for, it first catches up with that clock in fixed steps.
/// </summary>
public sealed class SimulatedHost : IXenHost
{
    private readonly Lock _gate = new();
    private readonly Machine _machine;
    private readonly TimeProvider _clock;
    private readonly long _startedAt;
    private readonly ITimer _timer;
    private readonly List<ChangeWaiter> _waiters = [];
    private long _changesSeen;
    private bool _disposed;

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
        _machine = new Machine(scenario);
        _clock = clock;
        _startedAt = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is simulated.</summary>
    public Scenario Scenario { get; }

    /// <inheritdoc/>
    public string Description => $"simulated ({Scenario.Name})";

    /// <inheritdoc/>
    public HostSnapshot Observe()
    {
        lock (_gate)
        {
            TimeSpan now = CatchUp();
            _changesSeen = _machine.Changes;
            return _machine.Observe(now);
        }
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(HostCommand command)
    {
        lock (_gate)
        {
            CatchUp();
            return _machine.Execute(command);
        }
    }

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            CatchUp();
            if (cancellation.IsCancellationRequested) return Task.FromCanceled(cancellation);
            if (_machine.Changes != _changesSeen) return Task.CompletedTask;
            _waiters.RemoveAll(gone => gone.Task.IsCompleted);
            if (_waiters.Count == 0) _timer.Change(Machine.TickLength, Machine.TickLength);
            var waiter = new ChangeWaiter();
            _waiters.Add(waiter);
            waiter.Until(cancellation);
            return waiter.Task;
        }
    }

    /// <summary>What became of the scenario so far.</summary>
    public SimulationReport Report()
    {
        lock (_gate)
        {
            CatchUp();
            return _machine.Report();
        }
    }

    /// <summary>Ends the simulation; whoever still waits is cancelled.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            foreach (ChangeWaiter waiter in _waiters) waiter.GiveUp();
            _waiters.Clear();
        }

        _timer.Dispose();
    }

    // Only while somebody waits does the timer run: whoever looks catches up anyway.
    private void OnTimer()
    {
        lock (_gate)
        {
            if (_disposed) return;
            CatchUp();
            if (_machine.Changes == _changesSeen && _waiters.Exists(waiter => !waiter.Task.IsCompleted)) return;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            foreach (ChangeWaiter waiter in _waiters) waiter.Wake();
            _waiters.Clear();
        }
    }

    private TimeSpan CatchUp()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        TimeSpan now = _clock.GetElapsedTime(_startedAt);
        _machine.AdvanceTo(now);
        return now;
    }
}
