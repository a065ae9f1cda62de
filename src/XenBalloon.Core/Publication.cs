using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>What the daemon shows to the world after each step; immutable, so that any thread may read it.</summary>
/// <param name="Version">The daemon's version.</param>
/// <param name="Host">What the host is: <see cref="Hosts.IXenHost.Description"/>.</param>
/// <param name="Policy">The policy's name in the configuration.</param>
/// <param name="Mode">What is done with the plans.</param>
/// <param name="Plan">The newest plan.</param>
public sealed record Publication(string Version, string Host, string Policy, BalancerMode Mode, Plan Plan);
