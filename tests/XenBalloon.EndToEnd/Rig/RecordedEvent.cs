using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>One line of the recorder's: when, which leaf (or what a domain holds), and its value.</summary>
internal sealed record RecordedEvent(long Milliseconds, string Path, string Value)
{
    /// <summary>Null for a line cut short, as the last one may be while the recorder writes.</summary>
    public static RecordedEvent? Parse(string line) =>
        line.Split(' ', 3) is [var time, var path, var value] && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            ? new RecordedEvent(ms, path, value)
            : null;

    public long KiB => long.Parse(Value, CultureInfo.InvariantCulture);
}
