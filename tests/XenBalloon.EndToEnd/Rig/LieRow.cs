using System.Globalization;
using System.Text;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>What came of a lie, told between two moments, while the neighbours of who told it needed so much each.</summary>
internal sealed record LieRow(string Lie, int NeedMiB, Usage Before, Usage After, string Verdict, string Reason)
{
    public double DaemonPercent => After.PercentSince(Before);

    /// <summary>For people: what became of each guest's target under each lie.</summary>
    public static string Table(IEnumerable<LieRow> rows, Timeline timeline, params IReadOnlyList<Guest> guests)
    {
        var text = new StringBuilder("lie       need  ");
        foreach (var guest in guests)
            text.Append(CultureInfo.InvariantCulture, $"{guest.Name,-11}");
        text.AppendLine("daemon  verdict        why");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Lie,-9} {row.NeedMiB,4}  ");
            foreach (var guest in guests)
                text.Append(CultureInfo.InvariantCulture, $"{row.Targets(timeline, guest),-11}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.DaemonPercent,4:0.0} %  {row.Verdict,-13}  {row.Reason}");
        }
        return text.ToString();
    }

    /// <summary>The least and the greatest target in that time, MiB.</summary>
    private string Targets(Timeline timeline, Guest guest)
    {
        var targets = timeline.Of(guest).Where(s => s.Milliseconds / 1000.0 >= Before.AtSeconds && s.Milliseconds / 1000.0 <= After.AtSeconds).Select(s => s.Target / 1024).ToList();
        return targets.Count == 0 ? "-" : $"{targets.Min()}..{targets.Max()}";
    }
}
