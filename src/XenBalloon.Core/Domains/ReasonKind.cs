namespace XenBalloon.Core.Domains;

/// <summary>
/// Why a domain's target is what it is: a closed set. The bus, <c>xenballoon list</c> and the log show the name of the
/// member in lower case (<c>waiting-for-memory</c>); xenballoon(1) defines each.
/// </summary>
public enum ReasonKind
{
    /// <summary>dom0, or a domain that an administrator unmanaged.</summary>
    Unmanaged,

    /// <summary>A PCI device is assigned to it, which may write to any of its memory.</summary>
    Passthrough,

    /// <summary>
    /// It has its maximum, and its toolstack could not create it again with less (vNUMA, <c>passthrough=</c>, altp2m).
    /// </summary>
    NotRecreatable,

    /// <summary>
    /// Another tool wrote its target (<c>xl mem-set</c>), which counts as a pin until <c>xenballoon unpin</c>.
    /// </summary>
    Overridden,

    /// <summary>Its minimum equals its maximum, or it has no <c>memory/static-max</c>.</summary>
    NoRange,

    /// <summary>
    /// The toolstack is building it, or it has not run since, or its memory is still populated on demand.
    /// </summary>
    Starting,

    /// <summary>
    /// It is being saved or sent to another host, or arrives from one: what is written to it now may make that fail.
    /// </summary>
    Migrating,

    /// <summary>It is paused, suspended, shut down or dying, so its balloon cannot respond.</summary>
    NotRunning,

    /// <summary>
    /// It does not report, or its reports cannot be used: it keeps what it has and is never taken below its boot
    /// memory.
    /// </summary>
    Silent,

    /// <summary>It has the size that an administrator pinned it to, or the nearest that its range allows.</summary>
    Pinned,

    /// <summary>
    /// It has its share, or the difference is not worth a move: too small, or too soon after a move the other way.
    /// </summary>
    Balanced,

    /// <summary>Its target is raised.</summary>
    Growing,

    /// <summary>It should have more, but no memory is free yet: other domains are giving memory up.</summary>
    WaitingForMemory,

    /// <summary>
    /// It needs more than its share: other domains need the rest, or it gets no more because it could not give it back.
    /// </summary>
    AtShare,

    /// <summary>It would use more, but has its maximum, or as much as its balloon can reach.</summary>
    AtMaximum,

    /// <summary>
    /// It has more than its share, but waited for memory moments ago: it is left alone for some seconds.
    /// </summary>
    Recovering,

    /// <summary>
    /// It uses more than its share while another domain lacks memory that it is entitled to: it is shrunk in small
    /// steps, and its guest swaps out the rest.
    /// </summary>
    Pressed,

    /// <summary>
    /// It reported no memory left, was shrunk a little to verify that, and gave nothing: its target is restored.
    /// </summary>
    PutBack,

    /// <summary>It gives up memory that it does not use, step by step.</summary>
    Shrinking,

    /// <summary>
    /// It should give memory up, but its balloon is still moving, or its next report has not arrived.
    /// </summary>
    Settling,

    /// <summary>It has more than its share, but uses it, so it keeps it for now.</summary>
    InUse,

    /// <summary>
    /// Its balloon does not respond: it is counted at what it holds, and its target goes back to that.
    /// </summary>
    Stuck,

    /// <summary>The minimums of all domains exceed the host's memory: no memory is moved.</summary>
    MinimumsExceedHost,
}
