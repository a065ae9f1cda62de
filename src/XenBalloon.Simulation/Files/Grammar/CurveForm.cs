using System.Collections.Immutable;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>Miss curves: <c>long-tail 2</c>, <c>exponential 0.05</c>, <c>loop</c>, <c>table 0.5 0.4, 1 0.1</c>.</summary>
internal static class CurveForm
{
    private const string LongTail = "long-tail", Exponential = "exponential", Loop = "loop", Table = "table";

    private static readonly Form<double> Exponent = Forms.Number(0.01, 10);
    private static readonly Form<double> AtWorkingSet = Forms.Number(0.000001, 0.999999);
    private static readonly Form<double> Fill = Forms.Number(0, 1000);
    private static readonly Form<double> Misses = Forms.Number(0, 1);
    private static readonly Form<string> Kind = Forms.Choice([.. new[] { LongTail, Exponential, Loop, Table }.Select(word => (word, word))]);

    /// <summary>The form of any curve.</summary>
    public static Form<MissCurve> Any { get; } = new(Read, Write);

    private static MissCurve Read(ValueReader value) => Kind.Read(value) switch
    {
        LongTail => new LongTailMissCurve(Exponent.Read(value)),
        Exponential => new ExponentialMissCurve(AtWorkingSet.Read(value)),
        Loop => new LoopMissCurve(),
        _ => ReadTable(value),
    };

    private static string Write(MissCurve curve) => curve switch
    {
        LongTailMissCurve tail => $"{LongTail} {Exponent.Write(tail.Exponent)}",
        ExponentialMissCurve exponential => $"{Exponential} {AtWorkingSet.Write(exponential.AtWorkingSet)}",
        TableMissCurve table => $"{Table} {string.Join(", ", table.Points.Select(point => $"{Fill.Write(point.Fill)} {Misses.Write(point.Misses)}"))}",
        _ => Loop,
    };

    private static TableMissCurve ReadTable(ValueReader value)
    {
        ImmutableArray<MissPoint>.Builder points = ImmutableArray.CreateBuilder<MissPoint>();
        var last = new MissPoint(0, 1);
        do
        {
            double fill = Fill.Read(value);
            if (fill <= last.Fill) value.FailAtLast("a curve's points must be in order of size, each larger than the one before and than 0");
            double misses = Misses.Read(value);
            if (misses > last.Misses) value.FailAtLast("a larger cache cannot miss more: write misses that never rise");
            points.Add(last = new MissPoint(fill, misses));
        }
        while (value.TryTake(","));

        return new TableMissCurve(points.DrainToImmutable());
    }
}
