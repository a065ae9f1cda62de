using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>What a process of dom0's has cost up to a moment: its time on a CPU, and its memory now.</summary>
internal sealed record Usage(double AtSeconds, double CpuSeconds, long RssKiB)
{
    // Linux tells times in hundredths of a second, whatever its timer does.
    private const double TicksPerSecond = 100;

    /// <summary>Reads the host's uptime on one line and, on the next, /proc/PID/stat behind the command's name.</summary>
    public static Usage Parse(string text)
    {
        var lines = text.Split('\n');
        var stat = lines[1].Split(' ');
        return new Usage(
            double.Parse(lines[0], CultureInfo.InvariantCulture),
            (long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture)) / TicksPerSecond,
            long.Parse(stat[21], CultureInfo.InvariantCulture) * 4);
    }

    /// <summary>The part of one CPU that was used since then, in percent.</summary>
    public double PercentSince(Usage before) => 100 * (CpuSeconds - before.CpuSeconds) / (AtSeconds - before.AtSeconds);
}
