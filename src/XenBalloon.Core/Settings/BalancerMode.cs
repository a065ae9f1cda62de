namespace XenBalloon.Core.Settings;

/// <summary>What is done with the plans.</summary>
public enum BalancerMode
{
    /// <summary>Everything is computed and published, nothing is written.</summary>
    Observe,

    /// <summary>Plans are carried out.</summary>
    Active,

    /// <summary>As <see cref="Observe"/>, by an operator's word at run time: balancing is held until it is made active again.</summary>
    Paused,
}
