namespace XenBalloon.Xen.Watches;

/// <summary>The leaves of a domain that are watched, each by itself: never a subtree, in which a guest could make events at will.</summary>
internal enum WatchedLeaf
{
    /// <summary><c>memory/target</c>.</summary>
    Target,

    /// <summary><c>memory/static-max</c>.</summary>
    StaticMax,

    /// <summary><c>name</c>.</summary>
    Name,

    /// <summary><c>data/xenballoon</c>: each report of our own agent is one write.</summary>
    AgentRecord,

    /// <summary><c>data/meminfo_free</c>: with every report of XenServer's agents; <c>meminfo_total</c> is read a moment later and needs no watch.</summary>
    MeminfoFree,

    /// <summary><c>data/updated</c>: also with the reports of agents that write only the numbers that have changed.</summary>
    MeminfoUpdated,

    /// <summary><c>memory/meminfo</c>.</summary>
    QubesMeminfo,
}
