using System.Globalization;
using System.Runtime.InteropServices;

namespace XenBalloon.Benchmarks;

/// <summary>What a process uses.</summary>
/// <param name="Process">Its number.</param>
internal readonly partial record struct ProcessUsage(int Process)
{
    /// <summary>
    /// Its CPU time, exact unlike that of /proc/PID/stat, and how often the threads that it has now have waited.
    /// </summary>
    internal (TimeSpan Cpu, long Switches) Work()
    {
        if (GetCpuClock(Process, out int clock) != 0 || GetTime(clock, out TimeSpec time) != 0)
            throw new IOException($"cannot read the CPU time of process {Process}");
        long switches = 0;
        foreach (string task in Directory.EnumerateDirectories($"/proc/{Process}/task"))
        {
            switches += File.ReadLines($"{task}/status").Where(line => line.Contains("ctxt_switches", default))
                .Sum(line => long.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture));
        }

        return (TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0), switches);
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

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int GetCpuClock(int process, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal nint Seconds, Nanoseconds;
    }
}
