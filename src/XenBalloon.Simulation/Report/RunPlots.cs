using System.Collections.Immutable;
using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Report;

/// <summary>Draws runs, all on the same axes.</summary>
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

    /// <summary>Finds axes that hold all policies' runs.</summary>
    internal RunPlots(Judgement judgement)
    {
        scenario = judgement.Scenario;
        seconds = judgement.Duration.TotalSeconds;
        host = new Axes(seconds, 0, MiB(scenario.HostTotal - scenario.Dom0Memory));
        double flow = judgement.Policies.Max(policy => new Flow(policy.Timeline, scenario.Guests.Length).Most);
        flows = new Axes(seconds, -Axes.RoundUp(flow), Axes.RoundUp(flow));
        double slowest = Moments(judgement).SelectMany(moment => moment.Guests).Max(guest => guest?.Slowdown ?? 1);
        slowdowns = new Axes(seconds, 1, slowest <= 2 ? 2 : slowest <= 10 ? 10 : WorstSlowdown, Logarithmic: true);
        free = new Axes(seconds, 0, Axes.RoundUp(Moments(judgement).Max(moment => MiB(moment.Free))));
        guests = [.. scenario.Guests.Select((_, guest) => new Axes(seconds, 0, Axes.RoundUp(Moments(judgement).Max(moment => Most(moment.Guests[guest])))))];
    }

    /// <summary>What each domain holds, one on the other.</summary>
    internal void Holdings(Markup page, PolicyResult policy)
    {
        double[] below = new double[policy.Timeline.Length];
        var bands = new List<Plot.Band>();
        for (int guest = 0; guest < scenario.Guests.Length; guest++)
        {
            double[] above = [.. policy.Timeline.Select((moment, i) => below[i] + MiB(moment.Guests[guest]?.Actual ?? KiB.Zero))];
            bands.Add(new Plot.Band(Legend.Colour(guest), [.. below], [.. above], scenario.Guests[guest].Name));
            below = above;
        }

        On(host, policy).Draw(page, $"who has what under {policy.Name}", bands, []);
    }

    /// <summary>What came to each domain, and what went.</summary>
    internal void Flows(Markup page, PolicyResult policy)
    {
        var flow = new Flow(policy.Timeline, scenario.Guests.Length);
        IEnumerable<Plot.Band> bands = Enumerable.Range(0, scenario.Guests.Length).SelectMany(guest => flow.Bands(guest, scenario.Guests[guest].Name));
        new Plot(flows, flow.Times, Amount).Draw(page, $"who got and who gave under {policy.Name}", bands, []);
    }

    /// <summary>How slow each domain was.</summary>
    internal void Slowdowns(Markup page, PolicyResult policy) =>
        new Plot(slowdowns, Times(policy), Amount).Draw(page, $"slowdown under {policy.Name}", [], scenario.Guests.Select((guest, number) => new Series(
            Legend.Colour(number), [.. policy.Timeline.Select(moment => moment.Guests[number]?.Slowdown)], guest.Name)));

    /// <summary>What was free.</summary>
    internal void Free(Markup page, PolicyResult policy) => On(free, policy).Draw(
        page,
        $"free memory under {policy.Name}",
        [],
        [
            new Series("target", [.. policy.Timeline.Select(_ => (double?)MiB(scenario.Slack))], "slack"),
            new Series("plain", [.. policy.Timeline.Select(moment => (double?)MiB(moment.Free))], "free"),
        ]);

    /// <summary>A domain: what it held, was to hold, and needed.</summary>
    internal void Guest(Markup page, PolicyResult policy, int number)
    {
        ImmutableArray<double> held = [.. policy.Timeline.Select(moment => MiB(moment.Guests[number]?.Actual ?? KiB.Zero))];
        On(guests[number], policy).Draw(
            page,
            $"{scenario.Guests[number].Name} under {policy.Name}",
            [new Plot.Band(Legend.Colour(number), [.. held.Select(_ => 0.0)], held, "held")],
            [
                new Series("target", Values(guest => guest.Target), "target"),
                new Series("needed", Values(guest => guest.Needed), "needed"),
            ]);

        ImmutableArray<double?> Values(Func<TimelineGuest, KiB?> size) =>
            [.. policy.Timeline.Select(moment => moment.Guests[number] is { } guest && size(guest) is { } known ? MiB(known) : (double?)null)];
    }

    private static Plot On(Axes axes, PolicyResult policy) => new(axes, Times(policy), Amount);

    private static ImmutableArray<double> Times(PolicyResult policy) => [.. policy.Timeline.Select(moment => moment.At.TotalSeconds)];

    private static IEnumerable<TimelineMoment> Moments(Judgement judgement) => judgement.Policies.SelectMany(policy => policy.Timeline);

    private static double Most(TimelineGuest? guest) =>
        guest is null ? 0 : MiB(KiB.Max(guest.Actual, KiB.Max(guest.Needed, guest.Target ?? KiB.Zero)));

    private static double MiB(KiB size) => size.Value / 1024.0;

    private static string Amount(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);
}
