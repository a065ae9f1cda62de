using System.Globalization;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Top;

/// <summary>The memory that moved while <c>top</c> ran.</summary>
internal sealed class MovementSummary
{
    private readonly Dictionary<(uint Domid, string Uuid), DomainMovement> domains = [];

    /// <summary>Adds what was read.</summary>
    internal void Add(HostStatus host)
    {
        foreach (DomainStatus domain in host.Domains)
        {
            (uint Domid, string Uuid) key = (domain.Domid, domain.Uuid);
            if (domains.TryGetValue(key, out DomainMovement? movement)) movement.Add(domain);
            else domains.Add(key, new DomainMovement(domain));
        }
    }

    /// <summary>The summary, as plain text.</summary>
    /// <param name="width">The most characters in a line; null for any number.</param>
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

/// <summary>The memory that moved to or from one domain.</summary>
internal sealed class DomainMovement(DomainStatus first)
{
    internal DomainStatus Last { get; private set; } = first;

    internal KiB Lowest { get; private set; } = first.Actual;

    internal KiB Highest { get; private set; } = first.Actual;

    internal int TargetChanges { get; private set; }

    /// <summary>All memory that the domain got, including what it gave back later.</summary>
    internal KiB Gained { get; private set; }

    internal void Add(DomainStatus domain)
    {
        if (domain.Target != Last.Target) TargetChanges++;
        Gained += KiB.Max(KiB.Zero, domain.Actual - Last.Actual);
        Lowest = KiB.Min(Lowest, domain.Actual);
        Highest = KiB.Max(Highest, domain.Actual);
        Last = domain;
    }
}
