namespace XenBalloon.Core.Settings;

/// <summary>What is made of a target that somebody else wrote: <c>xl mem-set</c> is an operator's word.</summary>
public enum OverrideHandling
{
    /// <summary>Balancing goes on from there.</summary>
    Ignore,

    /// <summary>The domain is left at that size until it is unpinned.</summary>
    Pin,

    /// <summary>The domain is balanced, but never above that size.</summary>
    Adopt,
}
