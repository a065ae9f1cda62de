namespace XenBalloon.Daemon.State;

/// <summary>A reservation, in the file.</summary>
internal sealed record StateReservation
{
    public required long Id { get; init; }

    public required long MinKib { get; init; }

    public required long MaxKib { get; init; }

    public required string Owner { get; init; }

    public string? For { get; init; }

    public bool Persistent { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public long OvertakenKib { get; init; }

    public StateClaim? Claim { get; init; }
}
