namespace XenBalloon.Bus;

/// <summary>Why something that was asked for cannot be done.</summary>
public enum ControlRefusal
{
    /// <summary>Something else; the message says what.</summary>
    Failed,

    /// <summary>What was asked for makes no sense.</summary>
    InvalidArgument,

    /// <summary>There is no such domain, or no longer.</summary>
    NoSuchDomain,

    /// <summary>There is no such reservation, or no longer.</summary>
    NoSuchReservation,

    /// <summary>There is not so much memory, or it is not free in time.</summary>
    NotEnoughMemory,

    /// <summary>Domains that could give the memory do not.</summary>
    DomainsRefused,

    /// <summary>A size is below a domain's minimum.</summary>
    BelowMinimum,

    /// <summary>The reservation's memory is not free yet.</summary>
    NotReady,
}
