using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Files.Traces;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Files.Grammar.Loads;

/// <summary>The loads that are not made of others.</summary>
internal static class LoadKinds
{
    private static readonly Form<double> Phase = Forms.Number(-1, 1);

    private static readonly Form<Func<TraceSample, KiB>> Column = Forms.Choice(TraceColumns.Loads);

    /// <summary>All of them.</summary>
    public static ImmutableArray<LoadKind> All { get; } =
    [
        new("constant", value => new ConstantLoad(Forms.Size.Read(value)), load => load is ConstantLoad constant ? Forms.Size.Write(constant.Amount) : null),
        new("steps", value => new StepLoad(ReadPoints(value)), load => load is StepLoad steps ? WritePoints(steps.Points) : null),
        new("ramp", value => new RampLoad(ReadPoints(value)), load => load is RampLoad ramp ? WritePoints(ramp.Points) : null),
        new("sine", ReadSine, load => load is SineLoad sine ? WriteSine(sine) : null),
        new("burst", ReadBurst, load => load is BurstLoad burst ? WriteBurst(burst) : null),
        new("trace", ReadTrace, _ => null),
    ];

    private static ImmutableArray<LoadPoint> ReadPoints(ValueReader value)
    {
        ImmutableArray<LoadPoint>.Builder points = ImmutableArray.CreateBuilder<LoadPoint>();
        do
        {
            TimeSpan at = Forms.Time.Read(value);
            if (points.Count > 0 && at < points[^1].At) value.FailAtLast($"{DurationText.Write(at)} is before {DurationText.Write(points[^1].At)}: write the points in order of time");
            points.Add(new LoadPoint(at, Forms.Size.Read(value)));
        }
        while (value.TryTake(","));

        return points.DrainToImmutable();
    }

    private static string WritePoints(ImmutableArray<LoadPoint> points) =>
        string.Join(", ", points.Select(point => $"{DurationText.Write(point.At)} {Forms.Size.Write(point.Amount)}"));

    private static SineLoad ReadSine(ValueReader value)
    {
        value.Expect("mean");
        KiB mean = Forms.Size.Read(value);
        value.Expect("amplitude");
        KiB amplitude = Forms.Size.Read(value);
        value.Expect("period");
        TimeSpan period = Forms.Period.Read(value);
        return new SineLoad(mean, amplitude, period, value.TryTake("phase") ? Phase.Read(value) : 0);
    }

    private static string WriteSine(SineLoad sine) =>
        $"mean {Forms.Size.Write(sine.Mean)} amplitude {Forms.Size.Write(sine.Amplitude)} period {Forms.Period.Write(sine.Period)}"
        + (sine.Phase == 0 ? "" : $" phase {Phase.Write(sine.Phase)}");

    private static BurstLoad ReadBurst(ValueReader value)
    {
        KiB height = Forms.Size.Read(value);
        value.Expect("every");
        TimeSpan every = Forms.Period.Read(value);
        value.Expect("lasting");
        TimeSpan shortest = Forms.Time.Read(value);
        TimeSpan longest = value.TryTake(Tokenizer.To) ? Forms.Time.Read(value) : shortest;
        if (shortest > longest) value.FailAtLast($"the longest burst is shorter than the shortest, {DurationText.Write(shortest)}");
        else if (longest > every) value.FailAtLast($"a burst may last no longer than the {DurationText.Write(every)} in which there is one");
        return new BurstLoad(height, every, shortest, longest);
    }

    private static string WriteBurst(BurstLoad burst) =>
        $"{Forms.Size.Write(burst.Height)} every {Forms.Period.Write(burst.Every)} lasting {Forms.Time.Write(burst.Shortest)}"
        + (burst.Longest == burst.Shortest ? "" : $"{Tokenizer.To}{Forms.Time.Write(burst.Longest)}");

    // A trace becomes a ramp through its samples: what is written again needs no second file.
    private static Load ReadTrace(ValueReader value)
    {
        Token file = value.Take("a file's name");
        value.Expect("domain");
        Token domain = value.Take("a domain's name");
        Func<TraceSample, KiB> column = value.TryTake("column") ? Column.Read(value) : TraceColumns.Loads[0].Amount;
        if (value.Failure is null)
        {
            if (value.Files.Trace(file.Text, out string? error) is not { } trace) value.Fail(file, error!);
            else if (trace.Find(domain.Text, out error) is { } recorded) return recorded.Load(column);
            else value.Fail(domain, error!);
        }

        return new ConstantLoad(KiB.Zero);
    }
}
