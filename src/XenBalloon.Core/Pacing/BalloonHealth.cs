namespace XenBalloon.Core.Pacing;

/// <summary>How a domain's balloon answers.</summary>
public enum BalloonHealth
{
    /// <summary>It has not been asked for anything yet.</summary>
    Unknown,

    /// <summary>It is where it was told to be, or moving there.</summary>
    Cooperative,

    /// <summary>It moves, but so slowly that nobody should wait for it: it is asked for what it can give in a few seconds, the others for the rest.</summary>
    Slow,

    /// <summary>It has not moved towards its target for longer than the driver's own back-off (2, 4, 8 s) explains.</summary>
    Stuck,
}
