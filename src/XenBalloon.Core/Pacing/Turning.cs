namespace XenBalloon.Core.Pacing;

/// <summary>
/// Memory that nobody needs is not worth moving to and fro: a domain that went one way turns round without need only after a while. Need does not wait.
/// </summary>
internal static class Turning
{
    /// <summary>At constant demand no domain changes direction more than once in this time.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(10);

    /// <summary>Whether the last step the other way is too fresh.</summary>
    internal static bool IsTooSoon(TimeSpan? otherWayAt, TimeSpan now) => otherWayAt is { } at && now - at < Least;
}
