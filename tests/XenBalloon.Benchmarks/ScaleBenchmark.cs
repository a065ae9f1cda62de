using System.Diagnostics;
using System.Globalization;

namespace XenBalloon.Benchmarks;

/// <summary>
/// What the published daemon and the real xenstored use on a host with many domains that need nothing: CPU, memory, and
/// the values that the daemon writes. The hypervisor is made up, so its calls cost nothing.
/// </summary>
internal static class ScaleBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10), Measurement = TimeSpan.FromSeconds(30);

    private static readonly (string Name, double PerSecond)[] Loads =
        [("silent", 0), ("minute", 1 / 60.0), ("second", 1)];

    private static readonly int[] Sizes = [10, 100, 500, 1000];

    /// <summary>Measures and prints a table.</summary>
    /// <param name="selection">Numbers of domains and names of loads; those that are not named are left out.</param>
    internal static void Run(string[] selection)
    {
        int[] sizes = [.. Sizes.Where(size => selection.Contains($"{size}"))];
        (string Name, double PerSecond)[] loads = [.. Loads.Where(load => selection.Contains(load.Name))];
        Console.WriteLine($"CPU in % of a core over {Measurement.TotalSeconds} s; RSS in MB");
        Console.WriteLine("domains  reports    daemon  xenstored    RSS  switches/s  passes/s  targets written");
        foreach (int domains in sizes.Length > 0 ? sizes : Sizes)
        {
            foreach ((string name, double perSecond) in loads.Length > 0 ? loads : Loads)
            {
                using var host = new ScaleHost(domains);
                Console.WriteLine(Measure(host, name, perSecond));
            }
        }
    }

    /// <summary>A line of the table.</summary>
    private static string Measure(ScaleHost host, string load, double reportsPerSecond)
    {
        // The daemon requests reports that it has not seen arrive.
        for (int domid = 1; domid <= host.Domains; domid++) host.Report(domid);
        Send(host, reportsPerSecond, WarmUp);
        (TimeSpan Cpu, long Switches) daemonBefore = host.Daemon.Work(), storeBefore = host.Xenstored.Work();
        long? passesBefore = host.Passes;
        TimeSpan lasted = Send(host, reportsPerSecond, Measurement);
        (TimeSpan Cpu, long Switches) daemonAfter = host.Daemon.Work(), storeAfter = host.Xenstored.Work();
        double? passes = (host.Passes - passesBefore) / lasted.TotalSeconds;
        int written = Enumerable.Range(1, host.Domains)
            .Count(domid => host.Read(domid, "memory/target") != "524288");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{host.Domains,7}  {load,-7}  {100 * ((daemonAfter.Cpu - daemonBefore.Cpu) / lasted),7:0.000}  "
            + $"{100 * ((storeAfter.Cpu - storeBefore.Cpu) / lasted),9:0.000}  {host.Daemon.ResidentMB,5:0.0}  "
            + $"{(daemonAfter.Switches - daemonBefore.Switches) / lasted.TotalSeconds,10:0}  {passes,8:0.0}  "
            + $"{written,15}");
    }

    /// <summary>Sends the reports of all domains, evenly over the time.</summary>
    /// <returns>The time that it took.</returns>
    private static TimeSpan Send(ScaleHost host, double perSecond, TimeSpan time)
    {
        long began = Stopwatch.GetTimestamp();
        double interval = perSecond == 0 ? double.PositiveInfinity : 1 / (perSecond * host.Domains);
        for (double due = interval; due < time.TotalSeconds; due += interval)
        {
            TimeSpan rest = TimeSpan.FromSeconds(due) - Stopwatch.GetElapsedTime(began);
            if (rest > TimeSpan.Zero) Thread.Sleep(rest);
            host.Report((int)(host.Reports % host.Domains) + 1);
        }

        TimeSpan end = time - Stopwatch.GetElapsedTime(began);
        if (end > TimeSpan.Zero) Thread.Sleep(end);
        return Stopwatch.GetElapsedTime(began);
    }
}
