using System.Globalization;

namespace XenBalloon.Benchmarks;

/// <summary>What a process uses.</summary>
/// <param name="Process">Its number.</param>
internal readonly record struct ProcessUsage(int Process)
{
    /// <summary>Its CPU time and how often its threads waited. Exact, unlike /proc/PID/stat.</summary>
    internal (TimeSpan Cpu, long Switches) Work()
    {
        long nanoseconds = 0, switches = 0;
        foreach (string task in Directory.EnumerateDirectories($"/proc/{Process}/task"))
        {
            nanoseconds += long.Parse(
                File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
            switches += File.ReadLines($"{task}/status").Where(line => line.Contains("ctxt_switches", default))
                .Sum(line => long.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture));
        }

        return (TimeSpan.FromMicroseconds(nanoseconds / 1000.0), switches);
    }

    /// <summary>Its resident memory.</summary>
    internal double ResidentMB =>
        long.Parse(
            File.ReadLines($"/proc/{Process}/status").First(line => line.StartsWith("VmRSS", default))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            CultureInfo.InvariantCulture) / 1024.0;

    /// <summary>Its open descriptors.</summary>
    internal int Descriptors => Directory.GetFileSystemEntries($"/proc/{Process}/fd").Length;

    /// <summary>Its threads.</summary>
    internal int Threads => Directory.GetDirectories($"/proc/{Process}/task").Length;
}
