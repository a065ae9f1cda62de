using System.Globalization;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Output;

/// <summary>The domains as a table, in the style of <c>xl list</c>.</summary>
internal static class DomainTable
{
    private const string Unknown = "-";
    private const string PinMark = "*";

    internal static TextTable Of(IEnumerable<DomainStatus> domains)
    {
        var table = new TextTable([
            new TextColumn("Name", IsNumber: false, 0),
            new TextColumn("ID", IsNumber: true, 0),
            new TextColumn("Actual", IsNumber: true, 0),
            new TextColumn("Target", IsNumber: true, 1),
            new TextColumn("Min", IsNumber: true, 7),
            new TextColumn("Max", IsNumber: true, 6),
            new TextColumn("In use", IsNumber: true, 4),
            new TextColumn("Peak", IsNumber: true, 10),
            new TextColumn("Weight", IsNumber: true, 8),
            new TextColumn("Health", IsNumber: false, 5),
            new TextColumn("Report", IsNumber: false, 9),
            new TextColumn("State", IsNumber: false, 2),
            new TextColumn("Reason", IsNumber: false, 3),
        ]);
        foreach (DomainStatus domain in domains)
        {
            table.Add(
                domain.Name.Length == 0 ? Unknown : Printable.Of(domain.Name),
                domain.Domid.ToString(CultureInfo.InvariantCulture),
                MiB(domain.Actual),
                MiB(domain.Target) + (domain.Pinned is null ? "" : PinMark),
                MiB(domain.DynamicMin),
                MiB(domain.DynamicMax),
                MiB(domain.InUse),
                MiB(domain.RecentPeak),
                domain.Managed ? domain.Weight.ToString(CultureInfo.InvariantCulture) : Unknown,
                Printable.Of(domain.Health),
                ReportOf(domain),
                Printable.Of(domain.ReasonKind),
                Printable.Of(domain.Reason));
        }

        return table;
    }

    private static string ReportOf(DomainStatus domain) => domain.ReportAge is { } age
        ? string.Create(CultureInfo.InvariantCulture, $"{Printable.Of(domain.ReportSource)} {age.TotalSeconds:0} s")
        : Unknown;

    private static string MiB(KiB? size) => size is { } known
        ? Math.Round(known.Value / 1024.0).ToString("0", CultureInfo.InvariantCulture)
        : Unknown;
}
