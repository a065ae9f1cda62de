using System.Diagnostics;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Top;

/// <summary>The options of <c>top</c>.</summary>
internal sealed record TopOptions
{
    internal static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(2);

    /// <summary>The time between updates.</summary>
    internal required TimeSpan Delay { get; init; }

    /// <summary>Whether the delay is given, rather than the default.</summary>
    internal bool IsDelayGiven { get; init; }

    /// <summary>Whether to write tables even to a terminal.</summary>
    internal bool Batch { get; init; }

    /// <summary>The number of updates before the exit; null for any number.</summary>
    internal int? Iterations { get; init; }

    /// <summary>The time before the exit; null for any time.</summary>
    internal TimeSpan? Duration { get; init; }
}

/// <summary>
/// <c>top</c>: reads the daemon at each change and at each update, and shows it, until it is time to exit.
/// </summary>
internal sealed class TopLoop(
    BalloonClient daemon, TopOptions options, ITopView view, MovementSummary summary, CancellationToken stop)
{
    /// <summary>The longest time until a key, a signal or the end takes effect.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(100);

    private readonly ReadInterval interval = new(TimeProvider.System);

    /// <summary>Runs the loop, then restores the terminal and writes a summary.</summary>
    internal static void Run(Terminal terminal, BalloonClient daemon, TopOptions options)
    {
        using var signals = new StopSignals();
        var summary = new MovementSummary();
        bool isLive = !options.Batch && terminal.IsInteractive;
        daemon.Read(); // reports an absent daemon before the screen is switched
        try
        {
            if (isLive) LiveView.Show(terminal, Watch);
            else Watch(new BatchView(terminal));
        }
        finally
        {
            if (isLive || options.Duration is not null) LineWriter.Write(terminal, summary.Lines(terminal.Width));
        }

        void Watch(ITopView view) => new TopLoop(daemon, options, view, summary, signals.Token).Watch();
    }

    private void Watch()
    {
        long started = Stopwatch.GetTimestamp();
        int updates = 0;
        while (!IsOver(Stopwatch.GetElapsedTime(started), updates))
        {
            bool isUpdate = Stopwatch.GetElapsedTime(started) >= options.Delay * updates;
            TimeSpan before = Environment.CpuUsage.TotalTime;
            HostStatus host = daemon.Read();
            summary.Add(host);
            view.Show(host, isUpdate);
            interval.AddRead(Environment.CpuUsage.TotalTime - before);
            if (isUpdate) updates++;
            WaitForUpdate(started, updates);
        }
    }

    private bool IsOver(TimeSpan elapsed, int updates) =>
        elapsed >= options.Duration
        || updates >= options.Iterations
        || stop.IsCancellationRequested
        || view.HasQuit();

    /// <summary>Changes come in bursts, an object at a time: after a short pause, one read shows them all.</summary>
    private void WaitForUpdate(long started, int updates)
    {
        if (updates >= options.Iterations) return;
        Thread.Sleep(CheckInterval / 2);
        bool isChanged = false;
        while (!IsOver(Stopwatch.GetElapsedTime(started), updates)
            && !IsDue(started, updates)
            && !view.IsStale()
            && !(isChanged && interval.HasPassed))
        {
            isChanged |= daemon.WaitForChange(CheckInterval);
        }
    }

    /// <summary>A delay that is given on the command line is kept, however much CPU time that costs.</summary>
    private bool IsDue(long started, int updates) =>
        Stopwatch.GetElapsedTime(started) >= options.Delay * updates && (options.IsDelayGiven || interval.HasPassed);
}

/// <summary>
/// The interval between reads: a hundred times the CPU time of the last read, so that watching takes 1 % of a CPU.
/// </summary>
internal sealed class ReadInterval(TimeProvider time)
{
    private const int Factor = 100;

    private TimeSpan cost;
    private long lastReadAt = time.GetTimestamp();

    /// <summary>Whether it is time for the next read.</summary>
    internal bool HasPassed => time.GetElapsedTime(lastReadAt) >= cost * Factor;

    /// <summary>Starts a new interval after a read.</summary>
    /// <param name="cpuTime">The CPU time of the read.</param>
    internal void AddRead(TimeSpan cpuTime) => (cost, lastReadAt) = (cpuTime, time.GetTimestamp());
}
