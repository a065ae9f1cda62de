using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Runs;

namespace XenBalloon.Simulation.Report;

/// <summary>What came to each domain and went from it, in MiB by the minute, in steps that are wide enough to be seen.</summary>
internal sealed class Flow
{
    private const int MostSteps = 56;

    // By step and domain: above zero where it got, below where it gave.
    private readonly double[,] rates;

    /// <summary>Works it out.</summary>
    /// <param name="timeline">The run, of two moments or more.</param>
    /// <param name="guests">How many domains there are.</param>
    internal Flow(ImmutableArray<TimelineMoment> timeline, int guests)
    {
        int width = Math.Max(1, (timeline.Length - 1 + MostSteps - 1) / MostSteps);
        int steps = (timeline.Length - 1) / width;
        rates = new double[steps, guests];
        var times = ImmutableArray.CreateBuilder<double>();
        for (int step = 0; step < steps; step++)
        {
            (TimelineMoment first, TimelineMoment last) = (timeline[step * width], timeline[(step + 1) * width]);
            times.AddRange(first.At.TotalSeconds, last.At.TotalSeconds);
            for (int guest = 0; guest < guests; guest++) rates[step, guest] = Rate(first, last, guest);
            Most = Math.Max(Most, Math.Max(Sum(step, guests, 1), -Sum(step, guests, -1)));
        }

        Times = times.ToImmutable();
    }

    /// <summary>Both edges of each step.</summary>
    internal ImmutableArray<double> Times { get; }

    /// <summary>The most that came to all domains in a step, or went.</summary>
    internal double Most { get; }

    /// <summary>A domain's part of what came, and of what went; none where it had no part.</summary>
    internal IEnumerable<Plot.Band> Bands(int guest, string name)
    {
        if (Has(guest, 1)) yield return Band(guest, 1, $"{name} got");
        if (Has(guest, -1)) yield return Band(guest, -1, $"{name} gave");
    }

    private bool Has(int guest, int sign) => Enumerable.Range(0, rates.GetLength(0)).Any(step => rates[step, guest] * sign > 0);

    private Plot.Band Band(int guest, int sign, string title)
    {
        double[] from = [.. Enumerable.Range(0, rates.GetLength(0)).Select(step => Sum(step, guest, sign))];
        double[] to = [.. Enumerable.Range(0, rates.GetLength(0)).Select(step => Sum(step, guest + 1, sign))];
        return new Plot.Band(Legend.Colour(guest), [.. from.SelectMany(Twice)], [.. to.SelectMany(Twice)], title);
    }

    /// <summary>What came to (or with a negative sign went from) the first so many domains.</summary>
    private double Sum(int step, int guests, int sign)
    {
        double sum = 0;
        for (int guest = 0; guest < guests; guest++)
        {
            if (rates[step, guest] * sign > 0) sum += rates[step, guest];
        }

        return sum;
    }

    // A domain that comes or goes is nobody's balloon.
    private static double Rate(TimelineMoment first, TimelineMoment last, int guest) =>
        first.Guests[guest] is { } before && last.Guests[guest] is { } after
            ? (after.Actual - before.Actual).Value / 1024.0 / (last.At - first.At).TotalMinutes
            : 0;

    private static double[] Twice(double value) => [value, value];
}
