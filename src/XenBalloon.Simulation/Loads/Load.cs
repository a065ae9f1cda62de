using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Loads;

/// <summary>
/// How much memory something in a guest works with, over time. Loads are data: immutable, without state, and built from one another, so that a scenario
/// file can describe them and any moment can be asked about.
/// </summary>
public abstract record Load
{
    /// <summary>The amount at a moment; never negative.</summary>
    /// <param name="time">Since the guest was started.</param>
    /// <param name="seed">Where chance comes from; each guest of a scenario has its own.</param>
    public abstract KiB At(TimeSpan time, ulong seed);

    /// <summary>Both loads at once.</summary>
    public Load Plus(Load other) => new SumLoad([this, other]);

    /// <summary>This load's first <paramref name="period"/>, over and over.</summary>
    public Load Repeated(TimeSpan period) => new RepeatedLoad(this, period);
}
