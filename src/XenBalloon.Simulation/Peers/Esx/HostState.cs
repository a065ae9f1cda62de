namespace XenBalloon.Simulation.Peers.Esx;

/// <summary>ESX's states of a host by its free memory (Waldspurger, OSDI 2002, §6.3).</summary>
internal enum HostState
{
    /// <summary>Enough is free: nothing is reclaimed.</summary>
    High,

    /// <summary>Memory is reclaimed with balloons.</summary>
    Soft,

    /// <summary>Memory is reclaimed by force.</summary>
    Hard,

    /// <summary>Besides, who has more than its target gets nothing more; here its cap always sees to that.</summary>
    Low,
}
