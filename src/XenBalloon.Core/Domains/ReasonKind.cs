namespace XenBalloon.Core.Domains;

/// <summary>Why a domain's target is what it is: the closed set of reasons.</summary>
public enum ReasonKind
{
    /// <summary>dom0, or marked unmanaged by the operator.</summary>
    Unmanaged,

    /// <summary>A device is passed through to the domain: its memory is pinned for the device.</summary>
    Passthrough,

    /// <summary>Another tool set its size (<c>xl mem-set</c>), which counts as a pin until it is unpinned.</summary>
    Overridden,

    /// <summary>Its minimum is its maximum, or it has no <c>memory/static-max</c>: there is nothing to move.</summary>
    NoRange,

    /// <summary>The toolstack is still building it, or it is still populated on demand.</summary>
    Starting,

    /// <summary>Paused, suspended, shut down or dying: its balloon cannot answer.</summary>
    NotRunning,

    /// <summary>
    /// It does not report, or no longer: it keeps what it has and is never taken below its boot memory.
    /// </summary>
    Silent,

    /// <summary>
    /// It has what it should have, or the difference is not worth a move: within the dead band, or without need, too
    /// small or too soon after a move the other way.
    /// </summary>
    Balanced,

    /// <summary>It is given memory now.</summary>
    Growing,

    /// <summary>It should have more, but no memory is free yet: other domains are giving it up.</summary>
    WaitingForMemory,

    /// <summary>
    /// It lacks memory, but has all that it is entitled to: other domains use the rest, or no more is lent to it, as
    /// it could not be had back.
    /// </summary>
    AtShare,

    /// <summary>It wants more, but has its maximum, or what its balloon can reach.</summary>
    AtMaximum,

    /// <summary>It should give memory up, but waited for memory itself just now.</summary>
    Recovering,

    /// <summary>
    /// It uses more than its share, and is pressed into its swap in small steps, as another domain lacks memory that it
    /// needs and is entitled to.
    /// </summary>
    Pressed,

    /// <summary>
    /// It was asked for memory to see whether any is left in it, and gave none: its target is put back.
    /// </summary>
    PutBack,

    /// <summary>
    /// It gives up memory that it does not use, step by step: <c>HostPressure</c> says for what.
    /// </summary>
    Shrinking,

    /// <summary>
    /// It should give memory up, but its balloon is still moving, or its next report is not here yet.
    /// </summary>
    Settling,

    /// <summary>It has more than its share, but uses it.</summary>
    InUse,

    /// <summary>Its balloon does not answer: it is counted at what it holds.</summary>
    Stuck,

    /// <summary>The domains' minimums together exceed the host: no domain's memory is moved.</summary>
    MinimumsExceedHost,
}
