namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>How a policy's estimate of what a guest uses went with what the guest needed.</summary>
/// <param name="Known">How long there was an estimate while the guest worked; all else is of that time.</param>
/// <param name="ErrorSeconds">The sum over time of the error, as a part of the need.</param>
/// <param name="Behind">How long the need was clearly above the estimate.</param>
/// <param name="Rises">How often the need rose clearly, after it had fallen clearly or for the first time.</param>
public readonly record struct Tracking(TimeSpan Known, double ErrorSeconds, TimeSpan Behind, int Rises);
