namespace XenBalloon.Core;

/// <summary>What an operator should look at.</summary>
public enum HostAlarm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// The domains' minimums together exceed the host: no memory is moved until one is lowered or a domain ends.
    /// </summary>
    MinimumsExceedHost,

    /// <summary>For 10 s, some domain has lacked memory, none is free, and no domain is giving any up.</summary>
    DemandExceedsHost,
}
