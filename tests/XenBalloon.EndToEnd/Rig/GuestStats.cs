using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>What a test guest says of itself in data/rig-stats, beside the usual report. See tests/rig/guest/init.c.</summary>
internal sealed record GuestStats(long UptimeSeconds, long SwappedKiB, long SwapIns, long SwapOuts, long OomKills, long HeldMiB, long Passes)
{
    public static GuestStats? Parse(string text)
    {
        var fields = new Dictionary<string, long>();
        foreach (var field in text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (field.Split('=') is [var name, var value] && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                fields[name] = number;
        return fields.Count < 7
            ? null
            : new GuestStats(fields["uptime_s"], fields["swapped_kib"], fields["pswpin"], fields["pswpout"], fields["oom_kill"], fields["held_mib"], fields["passes"]);
    }
}
