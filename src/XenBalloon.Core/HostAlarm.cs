namespace XenBalloon.Core;

/// <summary>What an operator should look at.</summary>
public enum HostAlarm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The domains' minimums together exceed the host: nothing is moved until one is lowered or a domain leaves.</summary>
    MinimumsExceedHost,

    /// <summary>Some domain uses more than it can be given, with nothing idle left to give.</summary>
    DemandExceedsHost,
}
