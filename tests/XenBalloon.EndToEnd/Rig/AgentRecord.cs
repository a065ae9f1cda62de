using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>What the tests look at in a record of the guest agent's.</summary>
internal sealed record AgentRecord(long Sequence, long UptimeMilliseconds, long AvailableKiB)
{
    public static AgentRecord? Parse(string text)
    {
        var fields = text.Trim().Split(' ');
        return Number(fields, "seq=") is { } sequence && Number(fields, "uptime_ms=") is { } uptime && Number(fields, "available_kib=") is { } available
            ? new AgentRecord(sequence, uptime, available)
            : null;
    }

    private static long? Number(string[] fields, string name) =>
        fields.FirstOrDefault(f => f.StartsWith(name, StringComparison.Ordinal)) is { } field
        && long.TryParse(field[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
