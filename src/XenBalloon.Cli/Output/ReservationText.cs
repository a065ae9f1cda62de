using System.Globalization;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Output;

/// <summary>Reservations, for a person.</summary>
internal static class ReservationText
{
    private const string NotKnown = "-";

    /// <summary>The progress of one, in one line.</summary>
    internal static string Progress(ReservationStatus one, DateTimeOffset now)
    {
        string eta = one.Eta is { } at ? Invariant($", ready in about {Math.Max(0, (at - now).TotalSeconds):0} s") : "";
        return Invariant($"reservation {one.Id}: {Printable.Of(one.State)}, {Printable.Of(one.Reason)}{eta}");
    }

    /// <summary>All of them.</summary>
    internal static TextTable Table(IEnumerable<ReservationStatus> reservations)
    {
        var table = new TextTable([
            new TextColumn("ID", IsNumber: true, 0),
            new TextColumn("State", IsNumber: false, 0),
            new TextColumn("Held", IsNumber: true, 0),
            new TextColumn("Min", IsNumber: true, 4),
            new TextColumn("Max", IsNumber: true, 5),
            new TextColumn("For", IsNumber: false, 3),
            new TextColumn("Owner", IsNumber: false, 6),
            new TextColumn("Persistent", IsNumber: false, 7),
            new TextColumn("Reason", IsNumber: false, 2),
        ]);
        foreach (ReservationStatus one in reservations)
        {
            table.Add(
                one.Id.ToString(CultureInfo.InvariantCulture),
                Printable.Of(one.State),
                one.Held.ToString(),
                one.Minimum.ToString(),
                one.Maximum.ToString(),
                one.For.Length == 0 ? NotKnown : Printable.Of(one.For),
                Printable.Of(one.Owner),
                one.Persistent ? "yes" : "no",
                Printable.Of(one.Reason));
        }

        return table;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
