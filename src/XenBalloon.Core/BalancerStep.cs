namespace XenBalloon.Core;

/// <summary>One step's outcome.</summary>
/// <param name="State">What to hand to the next step.</param>
/// <param name="Plan">What to do now.</param>
public readonly record struct BalancerStep(BalancerState State, Plan Plan);
