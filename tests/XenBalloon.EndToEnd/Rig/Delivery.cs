using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>How a need was met: times in milliseconds since the guest was told to need more, and how many targets were written until it had it.</summary>
internal sealed record Delivery(long FirstReport, long FirstTarget, long MostOfIt, int Targets)
{
    /// <summary>Reads from a recording when a guest had nine tenths of what it needed more than it had.</summary>
    /// <param name="recording">Of the needy guest and those around it.</param>
    /// <param name="needy">Who needed.</param>
    /// <param name="order">What it was told to need, MiB.</param>
    /// <param name="growthKiB">How much of that was more than it had.</param>
    /// <param name="others">Whose targets count beside its own.</param>
    public static Delivery Of(Recording recording, Guest needy, int order, long growthKiB, params IReadOnlyList<Guest> others)
    {
        var start = recording.OrderedAt(needy, order);
        var held = recording.Held(needy);
        var had = held.Last(e => e.Milliseconds <= start).KiB;
        var delivered = held.First(e => e.KiB >= had + growthKiB * 9 / 10).Milliseconds;
        var targets = ((IEnumerable<Guest>)[needy, .. others]).SelectMany(recording.Targets)
            .Select(e => e.Milliseconds).Where(t => t >= start && t <= delivered).Order().ToList();
        var report = recording.Reports(needy).First(e => e.Milliseconds >= start).Milliseconds;
        return new Delivery(report - start, targets[0] - start, delivered - start, targets.Count);
    }

    /// <summary>For people: each round, and the least, the middle and the most.</summary>
    public static string Table(string what, IReadOnlyList<Delivery> rounds) => string.Create(CultureInfo.InvariantCulture, $"""
        {what}, {rounds.Count} rounds; s, min/median/max
          need to first report       {Times(rounds, r => r.FirstReport)}
          need to first target       {Times(rounds, r => r.FirstTarget)}
          need to 90 % delivered     {Times(rounds, r => r.MostOfIt)}
          targets written            {string.Join(' ', rounds.Select(r => r.Targets))}
        """);

    private static string Times(IReadOnlyList<Delivery> rounds, Func<Delivery, long> time)
    {
        var sorted = rounds.Select(time).Order().Select(t => t / 1000.0).ToList();
        var each = string.Join(' ', rounds.Select(r => (time(r) / 1000.0).ToString("0.00", CultureInfo.InvariantCulture)));
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:0.00}/{sorted[sorted.Count / 2]:0.00}/{sorted[^1]:0.00}   ({each})");
    }
}
