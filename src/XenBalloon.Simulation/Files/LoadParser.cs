using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Parses loads: sums (<c>+</c>) of kinds of loads, each optionally modified by <c>repeat</c>, <c>shift</c> or
/// <c>vary</c>. Parentheses group.
/// </summary>
internal static class LoadParser
{
    // More than a file needs; bounds the recursion.
    private const int DeepestParentheses = 32;

    private static readonly ValueParser<double> Phase = SimpleValues.Number(-1, 1);
    private static readonly ValueParser<double> Variation = SimpleValues.Number(0, 1);
    private static readonly ValueParser<Func<TraceSample, KiB>> Column = SimpleValues.Choice(TraceColumns.Loads);

    /// <summary>The kinds of loads: the first keyword, and the parser of what follows.</summary>
    public static ImmutableArray<(string Word, ValueParser<Load> Parse)> Kinds { get; } =
    [
        ("constant", value => new ConstantLoad(SimpleValues.Size(value))),
        ("steps", value => new StepLoad(Points(value))),
        ("ramp", value => new RampLoad(Points(value))),
        ("sine", Sine),
        ("burst", Burst),
        ("trace", Trace),
    ];

    /// <summary>Parses a load.</summary>
    public static Load Parse(ValueReader value)
    {
        // A leading plus is allowed, so that all summands can stand on lines of the same form. Even a single load is a
        // sum then, with the random numbers of a first summand.
        bool isSum = value.TryTake("+");
        ImmutableArray<Load>.Builder parts = ImmutableArray.CreateBuilder<Load>();
        do parts.Add(Modified(value));
        while (value.TryTake("+"));
        return isSum || parts.Count > 1 ? new SumLoad(parts.DrainToImmutable()) : parts[0];
    }

    private static Load Modified(ValueReader value)
    {
        Load load = Simple(value);
        while (true)
        {
            if (value.TryTake("repeat")) load = new RepeatedLoad(load, SimpleValues.Period(value));
            else if (value.TryTake("shift")) load = new ShiftedLoad(load, SimpleValues.Period(value));
            else if (value.TryTake("vary")) load = new VariedLoad(load, Variation(value));
            else return load;
        }
    }

    private static Load Simple(ValueReader value)
    {
        Token token = value.Take("a load, such as constant 300m");
        if (token.Is("(") && value.Descend(DeepestParentheses))
        {
            Load inner = Parse(value);
            value.Expect(")");
            value.Ascend();
            return inner;
        }

        foreach ((string word, ValueParser<Load> parse) in Kinds)
        {
            if (token.Is(word)) return parse(value);
        }

        string hint = ErrorText.Hint(token.Text, [.. Kinds.Select(kind => kind.Word), "("]);
        value.Fail(token, $"unknown load {ErrorText.Quote(token.Text)}: {hint}");
        return new ConstantLoad(default);
    }

    private static ImmutableArray<LoadPoint> Points(ValueReader value)
    {
        ImmutableArray<LoadPoint>.Builder points = ImmutableArray.CreateBuilder<LoadPoint>();
        do
        {
            TimeSpan at = SimpleValues.Time(value);
            if (points.Count > 0 && at < points[^1].At)
            {
                string times = $"{DurationText.Write(at)} after {DurationText.Write(points[^1].At)}";
                value.FailAtLast($"points out of order: {times}: sort them by time");
            }

            points.Add(new LoadPoint(at, SimpleValues.Size(value)));
        }
        while (value.TryTake(","));

        return points.DrainToImmutable();
    }

    private static SineLoad Sine(ValueReader value)
    {
        value.Expect("mean");
        KiB mean = SimpleValues.Size(value);
        value.Expect("amplitude");
        KiB amplitude = SimpleValues.Size(value);
        value.Expect("period");
        TimeSpan period = SimpleValues.Period(value);
        return new SineLoad(mean, amplitude, period, value.TryTake("phase") ? Phase(value) : 0);
    }

    private static BurstLoad Burst(ValueReader value)
    {
        KiB height = SimpleValues.Size(value);
        value.Expect("every");
        TimeSpan every = SimpleValues.Period(value);
        value.Expect("lasting");
        TimeSpan shortest = SimpleValues.Time(value);
        TimeSpan longest = value.TryTake(Tokenizer.To) ? SimpleValues.Time(value) : shortest;
        if (shortest > longest)
            value.FailAtLast($"the longest burst is shorter than the shortest, {DurationText.Write(shortest)}");
        else if (longest > every)
            value.FailAtLast($"a burst cannot be longer than its period of {DurationText.Write(every)}");
        return new BurstLoad(height, every, shortest, longest);
    }

    private static Load Trace(ValueReader value)
    {
        Token file = value.Take("a file name");
        value.Expect("domain");
        Token domain = value.Take("a domain name");
        Func<TraceSample, KiB> column = value.TryTake("column") ? Column(value) : TraceColumns.Loads[0].Amount;
        if (value.Failure is null)
        {
            if (value.Files.Read(file.Text, out string? error) is not { } trace) value.Fail(file, error!);
            else if (trace.Find(domain.Text, out error) is { } recorded) return recorded.Load(column);
            else value.Fail(domain, error!);
        }

        return new ConstantLoad(KiB.Zero);
    }
}
