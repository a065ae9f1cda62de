namespace XenBalloon.Core.Settings;

/// <summary>What can be said of a domain while the balancer runs.</summary>
public enum DomainSetting
{
    /// <summary>Its minimum and maximum, both.</summary>
    Range,

    /// <summary>Its minimum alone.</summary>
    Minimum,

    /// <summary>Its maximum alone.</summary>
    Maximum,

    /// <summary>Its shares.</summary>
    Weight,

    /// <summary>The one size that it should have.</summary>
    Pin,

    /// <summary>Whether its memory may be moved.</summary>
    Managed,
}
