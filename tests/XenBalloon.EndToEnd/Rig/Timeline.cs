using System.Globalization;
using System.Text;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>All samples of a test, in order of time.</summary>
internal sealed class Timeline(IEnumerable<Sample> samples)
{
    public IReadOnlyList<Sample> Samples { get; } = [.. samples];

    public IReadOnlyList<Sample> Of(Guest guest) => [.. Samples.Where(s => s.Domid == guest.Domid)];

    /// <summary>A table in MiB, one row about every <paramref name="seconds"/> seconds, for people.</summary>
    public string Table(int seconds, params IReadOnlyList<Guest> guests)
    {
        var text = new StringBuilder("MiB: target/actual, available, swapped\n   t s  host free");
        foreach (var guest in guests)
            text.Append(CultureInfo.InvariantCulture, $"  {guest.Name,-26}");
        text.AppendLine();
        var next = 0L;
        foreach (var moment in Samples.GroupBy(s => s.Milliseconds))
        {
            var since = moment.Key - Samples[0].Milliseconds;
            if (since < next)
                continue;
            next = since + seconds * 1000;
            text.Append(CultureInfo.InvariantCulture, $"{since / 1000,6}  {moment.First().HostFree / 1024,9}");
            foreach (var guest in guests)
                text.Append(CultureInfo.InvariantCulture, $"  {Cell(moment.FirstOrDefault(s => s.Domid == guest.Domid)),-26}");
            text.AppendLine();
        }
        return text.ToString();
    }

    private static string Cell(Sample? s) => s is null
        ? "gone"
        : string.Create(CultureInfo.InvariantCulture, $"{s.Target / 1024,4}/{s.Actual / 1024,-4} {s.Stats?.AvailableKiB / 1024,5} {s.Stats?.SwappedKiB / 1024,5}");
}
