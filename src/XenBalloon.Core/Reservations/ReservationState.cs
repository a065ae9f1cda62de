namespace XenBalloon.Core.Reservations;

/// <summary>Where a reservation is in its life. Up to <see cref="Claimed"/> it is open; the others are ends, and nothing comes after them.</summary>
public enum ReservationState
{
    /// <summary>Its minimum is not free yet, or was taken from under it: memory is being freed for it.</summary>
    Gathering,

    /// <summary>At least its minimum is set aside: a domain can be started.</summary>
    Ready,

    /// <summary>It belongs to a domain, and shrinks as that domain takes its pages.</summary>
    Claimed,

    /// <summary>The domain has taken all of it, or is built and needs no more.</summary>
    Completed,

    /// <summary>Whoever asked for it wanted it no longer.</summary>
    Cancelled,

    /// <summary>Its minimum was not free by its deadline.</summary>
    Expired,

    /// <summary>Whoever asked for it is gone, before any domain had claimed it.</summary>
    OwnerLeft,

    /// <summary>The domain that it belonged to is gone.</summary>
    DomainDied,

    /// <summary>The domain that it belonged to is still not built and has long stopped taking pages: its toolstack is gone.</summary>
    Abandoned,
}
