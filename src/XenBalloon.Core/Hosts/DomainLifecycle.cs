namespace XenBalloon.Core.Hosts;

/// <summary>Where a domain is in its life, as the hypervisor and xenstore together show it.</summary>
public enum DomainLifecycle
{
    /// <summary>Known to the hypervisor, but the toolstack has not yet written <c>memory/target</c>: its size is unknown.</summary>
    Building,

    /// <summary>Running, or blocked for want of work.</summary>
    Running,

    /// <summary>Paused by the toolstack; its balloon cannot answer.</summary>
    Paused,

    /// <summary>Suspended (shutdown reason 2), to be saved, migrated or resumed.</summary>
    Suspended,

    /// <summary>On its way to or from another host: the toolstack holds its memory as it is.</summary>
    Migrating,

    /// <summary>Shut down or crashed, not yet destroyed.</summary>
    Shutdown,

    /// <summary>Being destroyed; its memory is on the way back.</summary>
    Dying,
}
