namespace XenBalloon.Daemon.State;

/// <summary>A target that somebody else wrote, in the file.</summary>
internal sealed record StateOverride(int Domid, Guid Uuid, long TargetKib);
