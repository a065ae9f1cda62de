using System.Diagnostics;
using Spectre.Console;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Top;

/// <summary><c>top</c>: looks at the daemon at every change and at every update, until it is time to leave.</summary>
internal sealed class TopLoop(BalloonClient daemon, TopOptions options, ITopView view, MovementSummary summary, CancellationToken stop)
{
    /// <summary>How soon a key, a signal or the end is noticed.</summary>
    private static readonly TimeSpan Attention = TimeSpan.FromMilliseconds(100);

    private readonly LookBudget budget = new(TimeProvider.System);

    /// <summary>Runs it, and leaves the terminal as it was.</summary>
    internal static ExitCode Run(Terminal terminal, TopOptions options)
    {
        using BalloonClient daemon = Daemon.Connect(options.Host);
        using var signals = new StopSignals();
        var summary = new MovementSummary();
        bool isLive = !options.Batch && terminal.IsInteractive;
        daemon.Read(); // an absent daemon is better said before the screen is taken
        try
        {
            if (!isLive)
            {
                new TopLoop(daemon, options, new BatchView(terminal), summary, signals.Token).Watch();
            }
            else
            {
                IAnsiConsole console = terminal.CreateConsole();
                using var screen = new Screen(terminal);
                new TopLoop(daemon, options, new LiveView(terminal, console).Attend(), summary, signals.Token).Watch();
            }
        }
        finally
        {
            if (isLive || options.Duration is not null) LineWriter.Write(terminal, summary.Lines(terminal.Width));
        }

        return ExitCode.Ok;
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
            budget.Looked(Environment.CpuUsage.TotalTime - before);
            if (isUpdate) updates++;
            WaitForNews(started, updates);
        }
    }

    private bool IsOver(TimeSpan elapsed, int updates) =>
        elapsed >= options.Duration || updates >= options.Iterations || stop.IsCancellationRequested || view.WantsToLeave();

    /// <summary>Changes come in bursts, an object at a time: a moment's pause takes them all in with one look.</summary>
    private void WaitForNews(long started, int updates)
    {
        if (updates >= options.Iterations) return;
        Thread.Sleep(Attention / 2);
        bool isChanged = false;
        while (!IsOver(Stopwatch.GetElapsedTime(started), updates) && !IsDue(started, updates) && !(isChanged && budget.IsRested)) isChanged |= daemon.WaitForChange(Attention);
    }

    /// <summary>Whoever said how often he wants to look gets that, whatever it costs.</summary>
    private bool IsDue(long started, int updates) => Stopwatch.GetElapsedTime(started) >= options.Delay * updates && (options.IsDelayGiven || budget.IsRested);
}
