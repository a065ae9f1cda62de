using System.Collections.Immutable;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Files.Grammar.Loads;

/// <summary>
/// Loads as text: kinds of loads, added up with <c>+</c>, each perhaps followed by what is done to it: <c>repeat</c>, <c>shift</c>, <c>vary</c>.
/// Parentheses make one load of several.
/// </summary>
internal static class LoadForm
{
    // More than anyone writes, and no danger to the stack.
    private const int DeepestParentheses = 32;

    private static readonly Form<double> Part = Forms.Number(0, 1);

    private static readonly ImmutableArray<string> FirstWords = [.. LoadKinds.All.Select(kind => kind.Word), "("];

    /// <summary>The form of any load.</summary>
    public static Form<Load> Any { get; } = new(ReadSum, Write);

    // A plus in front of the first part is only for looks, when each part has a line of its own; in front of a single part it makes a sum of one.
    private static Load ReadSum(ValueReader value)
    {
        bool isSum = value.TryTake("+");
        ImmutableArray<Load>.Builder parts = ImmutableArray.CreateBuilder<Load>();
        do parts.Add(ReadChanged(value));
        while (value.TryTake("+"));
        return isSum || parts.Count > 1 ? new SumLoad(parts.DrainToImmutable()) : parts[0];
    }

    private static Load ReadChanged(ValueReader value)
    {
        Load load = ReadOne(value);
        while (true)
        {
            if (value.TryTake("repeat")) load = new RepeatedLoad(load, Forms.Period.Read(value));
            else if (value.TryTake("shift")) load = new ShiftedLoad(load, Forms.Period.Read(value));
            else if (value.TryTake("vary")) load = new VariedLoad(load, Part.Read(value));
            else return load;
        }
    }

    private static Load ReadOne(ValueReader value)
    {
        Token word = value.Take("a load, such as constant 300m");
        if (word.Is("(") && value.Descend(DeepestParentheses))
        {
            Load inner = ReadSum(value);
            value.Expect(")");
            value.Ascend();
            return inner;
        }

        if (LoadKinds.All.FirstOrDefault(kind => word.Is(kind.Word)) is { } known) return known.Read(value);
        value.Fail(word, $"{Nearest.Quote(word.Text)} is no load: {Nearest.Hint(word.Text, FirstWords)}");
        return new ConstantLoad(default);
    }

    private static string Write(Load load) => load switch
    {
        SumLoad { Parts.Length: 1 } sum => $"+ {WritePart(sum.Parts[0])}",
        SumLoad sum => string.Join(" + ", sum.Parts.Select(WritePart)),
        RepeatedLoad repeated => $"{WritePart(repeated.Inner)} repeat {Forms.Period.Write(repeated.Period)}",
        ShiftedLoad shifted => $"{WritePart(shifted.Inner)} shift {Forms.Period.Write(shifted.UpTo)}",
        VariedLoad varied => $"{WritePart(varied.Inner)} vary {Part.Write(varied.By)}",
        _ => LoadKinds.All.Select(kind => kind.Write(load) is { } text ? $"{kind.Word} {text}" : null).First(text => text is not null)!,
    };

    private static string WritePart(Load load) => load is SumLoad ? $"({Write(load)})" : Write(load);
}
