namespace XenBalloon.Cli.Top;

/// <summary>When it is time to look again, for whoever watches for hours: what it costs to look is rested for so many times as long that it takes 1 % of a CPU.</summary>
internal sealed class LookBudget(TimeProvider time)
{
    private const int Rest = 100;

    private TimeSpan cost;
    private long lookedAt = time.GetTimestamp();

    /// <summary>Whether that is now.</summary>
    internal bool IsRested => time.GetElapsedTime(lookedAt) >= cost * Rest;

    /// <summary>It was looked.</summary>
    /// <param name="spent">The time of a CPU that it took.</param>
    internal void Looked(TimeSpan spent) => (cost, lookedAt) = (spent, time.GetTimestamp());
}
