using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>
/// An amount of memory over time. Loads are immutable, stateless and composable, so that a scenario file can describe
/// them and the simulation can evaluate them at any time.
/// </summary>
public abstract record Load
{
    /// <summary>The amount at a time; never negative.</summary>
    /// <param name="time">The time since the guest was started.</param>
    /// <param name="seed">The seed of all random numbers; each guest of a scenario has its own.</param>
    public abstract KiB At(TimeSpan time, ulong seed);
}

/// <summary>A constant amount.</summary>
/// <param name="Amount">The amount.</param>
public sealed record ConstantLoad(KiB Amount) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) => Amount;
}

/// <summary>An amount that jumps to each point's value at its time. Before the first point its value holds.</summary>
/// <param name="Points">In ascending order of time; at least one.</param>
public sealed record StepLoad(ImmutableArray<LoadPoint> Points) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        int point = Points.Length - 1;
        while (point > 0 && Points[point].At > time) point--;
        return Points[point].Amount;
    }
}

/// <summary>Straight lines from point to point; the first and last amounts hold before and after.</summary>
/// <param name="Points">In ascending order of time; at least one.</param>
public sealed record RampLoad(ImmutableArray<LoadPoint> Points) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        int next = 0;
        while (next < Points.Length && Points[next].At <= time) next++;
        if (next == 0) return Points[0].Amount;
        LoadPoint from = Points[next - 1];
        if (next == Points.Length) return from.Amount;
        LoadPoint to = Points[next];
        return from.Amount + (to.Amount - from.Amount).Times((time - from.At) / (to.At - from.At));
    }
}

/// <summary>A load's amount at one time.</summary>
/// <param name="At">The time since the guest was started.</param>
/// <param name="Amount">The amount.</param>
public readonly record struct LoadPoint(TimeSpan At, KiB Amount);

/// <summary>A sine wave around a mean.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Amplitude">The deviation to either side. Negative amounts become zero.</param>
/// <param name="Period">The length of one wave.</param>
/// <param name="Phase">
/// The start within the wave, as a part of a period: 0 for the mean, rising; 0.25 for the maximum.
/// </param>
public sealed record SineLoad(KiB Mean, KiB Amplitude, TimeSpan Period, double Phase = 0) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) =>
        KiB.Max(KiB.Zero, Mean + Amplitude.Times(Math.Sin(Math.Tau * ((time / Period) + Phase))));
}

/// <summary>One burst of random length at a random time in each period, and zero otherwise.</summary>
/// <param name="Height">The amount during a burst.</param>
/// <param name="Every">The period that contains one burst.</param>
/// <param name="Shortest">The minimum length of a burst.</param>
/// <param name="Longest">The maximum length of a burst; at most the period.</param>
public sealed record BurstLoad(KiB Height, TimeSpan Every, TimeSpan Shortest, TimeSpan Longest) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        long span = time.Ticks / Every.Ticks;
        long within = time.Ticks - (span * Every.Ticks);
        long length = Shortest.Ticks + (long)((Longest - Shortest).Ticks * Noise.Fraction(seed, 2 * (ulong)span));
        long begin = (long)((Every.Ticks - length) * Noise.Fraction(seed, (2 * (ulong)span) + 1));
        return within >= begin && within < begin + length ? Height : KiB.Zero;
    }
}

/// <summary>The beginning of another load, repeated.</summary>
/// <param name="Inner">The repeated load. Its random numbers differ in each round.</param>
/// <param name="Period">The length of the repeated beginning.</param>
public sealed record RepeatedLoad(Load Inner, TimeSpan Period) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        long round = time.Ticks / Period.Ticks;
        return Inner.At(time - new TimeSpan(round * Period.Ticks), Noise.Bits(seed, (ulong)round));
    }
}

/// <summary>Another load that started some random time earlier, so that similar guests are out of phase.</summary>
/// <param name="Inner">The shifted load. It should be periodic, because its beginning is skipped.</param>
/// <param name="UpTo">The maximum shift.</param>
public sealed record ShiftedLoad(Load Inner, TimeSpan UpTo) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) =>
        Inner.At(time + (UpTo * Noise.Fraction(seed, 1)), Noise.Bits(seed, 0));
}

/// <summary>Another load, multiplied by a random factor, so that similar guests differ.</summary>
/// <param name="Inner">The scaled load. Inside a <see cref="RepeatedLoad"/> each round has its own factor.</param>
/// <param name="By">The maximum deviation of the factor from 1, from 0 to 1.</param>
public sealed record VariedLoad(Load Inner, double By) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) =>
        Inner.At(time, Noise.Bits(seed, 0)).Times(1 + (By * ((2 * Noise.Fraction(seed, 1)) - 1)));
}

/// <summary>The sum of several loads.</summary>
/// <param name="Parts">The summands. Each has its own random numbers.</param>
public sealed record SumLoad(ImmutableArray<Load> Parts) : Load
{
    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed)
    {
        KiB sum = KiB.Zero;
        for (int part = 0; part < Parts.Length; part++) sum += Parts[part].At(time, Noise.Bits(seed, (ulong)part));
        return sum;
    }
}
