using System.Globalization;
using System.Text;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>What came of a lie, told between two moments.</summary>
internal sealed record LieRow(string Lie, Usage Before, Usage After, string Source, string Reason)
{
    public double DaemonPercent => After.PercentSince(Before);

    public static string Table(IEnumerable<LieRow> rows, Timeline timeline, Guest liar, Guest neighbour)
    {
        var text = new StringBuilder("lie        liar's target  neighbour's    daemon CPU  heard as     why\n");
        foreach (var row in rows)
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{row.Lie,-9}  {row.Targets(timeline, liar),-13}  {row.Targets(timeline, neighbour),-13}  {row.DaemonPercent,8:0.0} %  {row.Source,-11}  {row.Reason}");
        return text.ToString();
    }

    /// <summary>The least and the greatest target in that time, MiB.</summary>
    private string Targets(Timeline timeline, Guest guest)
    {
        var targets = timeline.Of(guest).Where(s => s.Milliseconds / 1000.0 >= Before.AtSeconds && s.Milliseconds / 1000.0 <= After.AtSeconds).Select(s => s.Target / 1024).ToList();
        return targets.Count == 0 ? "-" : $"{targets.Min()}..{targets.Max()}";
    }
}
