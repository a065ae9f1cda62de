using System.Collections.Immutable;
using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Report;

/// <summary>Draws the plots of a row for each policy, on common axes.</summary>
internal sealed class RunPlots
{
    private const double WorstSlowdown = 100;

    private readonly Scenario scenario;
    private readonly double seconds;
    private readonly Axes host;
    private readonly Axes flows;
    private readonly Axes slowdowns;
    private readonly Axes free;
    private readonly ImmutableArray<Axes> guests;

    /// <summary>Computes axes that fit all policies' runs.</summary>
    internal RunPlots(Judgement judgement)
    {
        scenario = judgement.Scenario;
        seconds = judgement.Duration.TotalSeconds;
        host = new Axes(seconds, 0, MiB(scenario.HostTotal - scenario.Dom0Memory));
        double flow = judgement.Policies.Max(policy => new MemoryFlow(policy.Timeline, scenario.Guests.Length).Highest);
        flows = new Axes(seconds, -Axes.RoundUp(flow), Axes.RoundUp(flow));
        double slowest = Moments(judgement).SelectMany(moment => moment.Guests).Max(guest => guest?.Slowdown ?? 1);
        slowdowns = new Axes(seconds, 1, slowest <= 2 ? 2 : slowest <= 10 ? 10 : WorstSlowdown, Logarithmic: true);
        free = new Axes(seconds, 0, Axes.RoundUp(Moments(judgement).Max(moment => MiB(moment.Free))));
        guests =
        [
            .. scenario.Guests
                .Select((_, guest) => Moments(judgement).Max(moment => Most(moment.Guests[guest])))
                .Select(most => new Axes(seconds, 0, Axes.RoundUp(most))),
        ];
    }

    /// <summary>The memory that each domain holds, stacked.</summary>
    internal void Holdings(Markup page, PolicyResult policy)
    {
        double[] below = new double[policy.Timeline.Length];
        var bands = new List<Plot.Band>();
        for (int guest = 0; guest < scenario.Guests.Length; guest++)
        {
            double[] above =
                [.. policy.Timeline.Select((moment, i) => below[i] + MiB(moment.Guests[guest]?.Actual ?? KiB.Zero))];
            bands.Add(new Plot.Band(Legend.Colour(guest), [.. below], [.. above], scenario.Guests[guest].Name));
            below = above;
        }

        On(host, policy).Draw(page, $"held memory under {policy.Name}", bands, []);
    }

    /// <summary>The memory that each domain received or gave up.</summary>
    internal void Flows(Markup page, PolicyResult policy)
    {
        var flow = new MemoryFlow(policy.Timeline, scenario.Guests.Length);
        IEnumerable<Plot.Band> bands = Enumerable.Range(0, scenario.Guests.Length).SelectMany(
            guest => flow.Bands(guest, scenario.Guests[guest].Name));
        new Plot(flows, flow.Times, Amount).Draw(page, $"memory moved under {policy.Name}", bands, []);
    }

    /// <summary>The slowdown of each domain.</summary>
    internal void Slowdowns(Markup page, PolicyResult policy)
    {
        IEnumerable<Series> lines = scenario.Guests.Select((guest, number) => new Series(
            Legend.Colour(number), [.. policy.Timeline.Select(moment => moment.Guests[number]?.Slowdown)], guest.Name));
        On(slowdowns, policy).Draw(page, $"slowdown under {policy.Name}", [], lines);
    }

    /// <summary>The free memory.</summary>
    internal void Free(Markup page, PolicyResult policy) => On(free, policy).Draw(
        page,
        $"free memory under {policy.Name}",
        [],
        [
            new Series("target", [.. policy.Timeline.Select(_ => (double?)MiB(scenario.Slack))], "slack"),
            new Series("plain", [.. policy.Timeline.Select(moment => (double?)MiB(moment.Free))], "free"),
        ]);

    /// <summary>One domain: held, target and needed memory.</summary>
    internal void Guest(Markup page, PolicyResult policy, int number)
    {
        ImmutableArray<double> held =
            [.. policy.Timeline.Select(moment => MiB(moment.Guests[number]?.Actual ?? KiB.Zero))];
        On(guests[number], policy).Draw(
            page,
            $"{scenario.Guests[number].Name} under {policy.Name}",
            [new Plot.Band(Legend.Colour(number), [.. held.Select(_ => 0.0)], held, "held")],
            [
                new Series("target", Values(guest => guest.Target), "target"),
                new Series("needed", Values(guest => guest.Needed), "needed"),
            ]);

        ImmutableArray<double?> Values(Func<TimelineGuest, KiB?> size) =>
        [
            .. policy.Timeline
                .Select(moment => moment.Guests[number] is { } guest ? size(guest) : null)
                .Select(known => known is { } value ? MiB(value) : (double?)null),
        ];
    }

    private static Plot On(Axes axes, PolicyResult policy) => new(axes, Times(policy), Amount);

    private static ImmutableArray<double> Times(PolicyResult policy) =>
        [.. policy.Timeline.Select(moment => moment.At.TotalSeconds)];

    private static IEnumerable<TimelineMoment> Moments(Judgement judgement) =>
        judgement.Policies.SelectMany(policy => policy.Timeline);

    private static double Most(TimelineGuest? guest) =>
        guest is null ? 0 : MiB(KiB.Max(guest.Actual, KiB.Max(guest.Needed, guest.Target ?? KiB.Zero)));

    private static double MiB(KiB size) => size.Value / 1024.0;

    private static string Amount(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);
}

/// <summary>
/// The memory that each domain received or gave up, in MiB per minute, in steps that are wide enough to see.
/// </summary>
internal sealed class MemoryFlow
{
    private const int MostSteps = 56;

    // By step and domain: positive if received, negative if given up.
    private readonly double[,] rates;

    /// <summary>Computes the flow.</summary>
    /// <param name="timeline">The timeline, of two moments or more.</param>
    /// <param name="guests">The number of domains.</param>
    internal MemoryFlow(ImmutableArray<TimelineMoment> timeline, int guests)
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
            Highest = Math.Max(Highest, Math.Max(Sum(step, guests, 1), -Sum(step, guests, -1)));
        }

        Times = times.ToImmutable();
    }

    /// <summary>Both edges of each step.</summary>
    internal ImmutableArray<double> Times { get; }

    /// <summary>The highest total that was received or given up in a step.</summary>
    internal double Highest { get; }

    /// <summary>The bands of a domain: received and given up; none where it has none.</summary>
    internal IEnumerable<Plot.Band> Bands(int guest, string name)
    {
        if (Has(guest, 1)) yield return Band(guest, 1, $"{name} received");
        if (Has(guest, -1)) yield return Band(guest, -1, $"{name} gave up");
    }

    private bool Has(int guest, int sign) =>
        Enumerable.Range(0, rates.GetLength(0)).Any(step => rates[step, guest] * sign > 0);

    private Plot.Band Band(int guest, int sign, string title)
    {
        double[] from = [.. Enumerable.Range(0, rates.GetLength(0)).Select(step => Sum(step, guest, sign))];
        double[] to = [.. Enumerable.Range(0, rates.GetLength(0)).Select(step => Sum(step, guest + 1, sign))];
        return new Plot.Band(Legend.Colour(guest), [.. from.SelectMany(Twice)], [.. to.SelectMany(Twice)], title);
    }

    /// <summary>The total that the first domains received, or with a negative sign gave up.</summary>
    private double Sum(int step, int guests, int sign)
    {
        double sum = 0;
        for (int guest = 0; guest < guests; guest++)
        {
            if (rates[step, guest] * sign > 0) sum += rates[step, guest];
        }

        return sum;
    }

    // A domain that starts or stops within the step moves no memory by balloon.
    private static double Rate(TimelineMoment first, TimelineMoment last, int guest) =>
        first.Guests[guest] is { } before && last.Guests[guest] is { } after
            ? (after.Actual - before.Actual).Value / 1024.0 / (last.At - first.At).TotalMinutes
            : 0;

    private static double[] Twice(double value) => [value, value];
}
