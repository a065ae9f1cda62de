using System.Globalization;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using static System.FormattableString;

namespace XenBalloon.Cli.Output;

/// <summary>Reservations as plain text.</summary>
internal static class ReservationText
{
    private const string Unknown = "-";

    /// <summary>The progress of a reservation, in one line.</summary>
    internal static string Progress(ReservationStatus reservation, DateTimeOffset now)
    {
        string state = Printable.Of(reservation.State), reason = Printable.Of(reservation.Reason);
        string eta = reservation.Eta is { } at
            ? Invariant($", ready in about {Math.Max(0, (at - now).TotalSeconds):0} s")
            : "";
        return Invariant($"reservation {reservation.Id}: {state}, {reason}{eta}");
    }

    /// <summary>A reservation that is ready, and what to do next, in one line.</summary>
    internal static string Ready(ReservationStatus reservation, DateTimeOffset now)
    {
        string domain = reservation.For.Length == 0 ? "the domain" : Printable.Of(reservation.For);
        string release = reservation.Persistent
            ? Invariant($"'xenballoon release {reservation.Id}' releases it")
            : "Ctrl-C releases it";
        return $"{Progress(reservation, now)}; start {domain} now; {release}";
    }

    /// <summary>A reservation that was released.</summary>
    internal static string Released(long id) =>
        Invariant($"reservation {id} is released: its memory is free for all domains again");

    /// <summary>The reservations as a table.</summary>
    /// <param name="reservations">The reservations.</param>
    /// <param name="now">The time of the daemon's host.</param>
    internal static TextTable Table(IEnumerable<ReservationStatus> reservations, DateTimeOffset now)
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
        foreach (ReservationStatus reservation in reservations)
        {
            table.Add(
                reservation.Id.ToString(CultureInfo.InvariantCulture),
                Printable.Of(reservation.State),
                reservation.Held.ToString(),
                reservation.Minimum.ToString(),
                reservation.Maximum.ToString(),
                reservation.For.Length == 0 ? Unknown : Printable.Of(reservation.For),
                Printable.Of(reservation.Owner),
                reservation.Persistent ? "yes" : "no",
                Printable.Of(reservation.Reason) + Waiting(reservation, now));
        }

        return table;
    }

    /// <summary>For a reservation that no domain has claimed: since when, and until when.</summary>
    private static string Waiting(ReservationStatus reservation, DateTimeOffset now)
    {
        if (reservation.Domid is not null) return "";
        string since = reservation.ReadyAt is { } ready ? $"; unclaimed for {Rounded(now - ready)}" : "";
        string until = reservation.ExpiresAt is { } end ? $"; ends in {Rounded(end - now)}" : "";
        return since + until;
    }

    private static string Rounded(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalMinutes: < 2 } => Invariant($"{Math.Floor(time.TotalSeconds):0} s"),
        { TotalHours: < 2 } => Invariant($"{Math.Floor(time.TotalMinutes):0} min"),
        { TotalDays: < 2 } => Invariant($"{Math.Floor(time.TotalHours):0} h"),
        _ => Invariant($"{Math.Floor(time.TotalDays):0} days"),
    };
}
