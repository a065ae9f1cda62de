using System.Globalization;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Top;

/// <summary>What has moved while we looked, for the end.</summary>
internal sealed class MovementSummary
{
    private readonly Dictionary<(uint Domid, string Uuid), DomainMovement> domains = [];

    /// <summary>Takes a state in.</summary>
    internal void Add(HostStatus host)
    {
        foreach (DomainStatus domain in host.Domains)
        {
            if (domains.TryGetValue((domain.Domid, domain.Uuid), out DomainMovement? movement)) movement.Add(domain);
            else domains.Add((domain.Domid, domain.Uuid), new DomainMovement(domain));
        }
    }

    /// <summary>The summary, in plain text.</summary>
    /// <param name="width">How wide a line may be; null for any.</param>
    internal IEnumerable<string> Lines(int? width)
    {
        DomainMovement[] ordered = [.. domains.Values.OrderBy(movement => movement.Last.Domid)];
        KiB moved = ordered.Aggregate(KiB.Zero, (sum, movement) => sum + movement.Gained);
        yield return $"memory moved: {moved}";
        var table = new TextTable([
            new TextColumn("Name", IsNumber: false, 0),
            new TextColumn("ID", IsNumber: true, 0),
            new TextColumn("Lowest", IsNumber: true, 0),
            new TextColumn("Highest", IsNumber: true, 0),
            new TextColumn("Targets", IsNumber: true, 0),
            new TextColumn("Last reason", IsNumber: false, 0),
        ]);
        foreach (DomainMovement movement in ordered)
        {
            table.Add(
                Printable.Of(movement.Last.Name),
                movement.Last.Domid.ToString(CultureInfo.InvariantCulture),
                movement.Lowest.ToString(),
                movement.Highest.ToString(),
                movement.TargetChanges.ToString(CultureInfo.InvariantCulture),
                Printable.Of(movement.Last.Reason));
        }

        foreach (string line in table.Lines(width)) yield return line;
    }
}
