using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>
/// A test guest's statistics in data/rig-stats, in addition to its reports. See tests/rig/guest/reporter.c.
/// </summary>
internal sealed class GuestStats
{
    /// <summary>The last field: a line with it is complete.</summary>
    private const string Last = "agent_cpu_ms";

    private readonly Dictionary<string, long> fields;

    private GuestStats(Dictionary<string, long> fields) => this.fields = fields;

    public long UptimeMilliseconds => fields["uptime_ms"];

    public long UptimeSeconds => UptimeMilliseconds / 1000;

    /// <summary>MemAvailable.</summary>
    public long AvailableKiB => fields["available_kib"];

    public long SwappedKiB => fields["swapped_kib"];

    public long SwapIns => fields["pswpin"];

    public long SwapOuts => fields["pswpout"];

    public long OomKills => fields["oom_kill"];

    public long HeldMiB => fields["held_mib"];

    /// <summary>How often all of the working set was touched.</summary>
    public long Passes => fields["passes"];

    public long FilesMiB => fields["files_mib"];

    public long LiesTold => fields["lies"];

    /// <summary>Operations of all jobs so far: tests/rig/guest/jobs.c.</summary>
    public long Touches => fields["touches"];

    /// <summary>The guest's uptime when its service manager last started the agent.</summary>
    public long AgentStartedMilliseconds => fields["agent_started_ms"];

    public long AgentRssKiB => fields["agent_rss_kib"];

    public long AgentCpuMilliseconds => fields[Last];

    public static GuestStats? Parse(string text)
    {
        var fields = new Dictionary<string, long>();
        foreach (var field in text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (field.Split('=') is [var name, var value]
                && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                fields[name] = number;
        }

        return fields.ContainsKey(Last) ? new GuestStats(fields) : null;
    }
}

/// <summary>The values of the guest agent's record that the tests use.</summary>
internal sealed record AgentRecord(long Sequence, long UptimeMilliseconds, long AvailableKiB)
{
    public static AgentRecord? Parse(string text)
    {
        var fields = text.Trim().Split(' ');
        return Number(fields, "seq=") is { } sequence
            && Number(fields, "uptime_ms=") is { } uptime
            && Number(fields, "available_kib=") is { } available
            ? new AgentRecord(sequence, uptime, available)
            : null;
    }

    private static long? Number(string[] fields, string name) =>
        fields.FirstOrDefault(f => f.StartsWith(name, StringComparison.Ordinal)) is { } field
        && long.TryParse(field[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
