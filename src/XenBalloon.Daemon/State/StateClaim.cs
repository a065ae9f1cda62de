namespace XenBalloon.Daemon.State;

/// <summary>The domain that a reservation belongs to, in the file.</summary>
internal sealed record StateClaim(int Domid, Guid Uuid, long HeldBeforeKib, long GrantedKib, long OwedKib, DateTimeOffset TakenAt);
