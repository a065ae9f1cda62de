namespace XenBalloon.Core;

/// <summary>Why a domain's target is what it is: the closed set of reasons.</summary>
public enum ReasonKind
{
    /// <summary>dom0, or marked unmanaged by the operator.</summary>
    Unmanaged,

    /// <summary>A device is passed through to it: its memory is pinned for the device.</summary>
    Passthrough,

    /// <summary>Somebody else set its size (<c>xl mem-set</c>), and that word counts until it is unpinned.</summary>
    Overridden,

    /// <summary>Its minimum and maximum are the same, or it has no <c>memory/static-max</c>: there is nothing to move.</summary>
    NoRange,

    /// <summary>The toolstack is still building it.</summary>
    Starting,

    /// <summary>Paused, suspended, shut down or dying: its balloon cannot answer.</summary>
    NotRunning,

    /// <summary>It reports nothing (or no longer): it keeps what it has and is never taken below its boot memory.</summary>
    Silent,

    /// <summary>It has what it should have, within the dead band.</summary>
    Balanced,

    /// <summary>It is given memory now.</summary>
    Growing,

    /// <summary>It should have more, but nothing is free yet: others are giving.</summary>
    WaitingForMemory,

    /// <summary>It needs more, but has all that it is entitled to.</summary>
    AtShare,

    /// <summary>It needs more, but has all that it may have.</summary>
    AtMaximum,

    /// <summary>It should give memory up, but lately waited for memory itself.</summary>
    Recovering,

    /// <summary>It uses more than its share while others lack theirs, and gives it up little by little.</summary>
    Pressed,

    /// <summary>It gives idle memory up now, step by step.</summary>
    Shrinking,

    /// <summary>It has given or taken a step and its balloon is still moving, or the next report is not here yet.</summary>
    Settling,

    /// <summary>It has more than its share, but uses it: taking it would hurt.</summary>
    InUse,

    /// <summary>Its balloon does not answer: it is planned at what it has.</summary>
    Stuck,

    /// <summary>The domains' minimums together exceed the host: everyone is kept where they are.</summary>
    MinimumsExceedHost,
}
