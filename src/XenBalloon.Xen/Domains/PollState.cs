namespace XenBalloon.Xen.Domains;

/// <summary>Polling of a domain that flooded.</summary>
/// <param name="Since">When it began.</param>
/// <param name="At">When the leaves were last read; null before the first time.</param>
/// <param name="XenServers">What XenServer's leaves held then: only another value counts as a new report, since no event tells.</param>
/// <param name="Qubes">Likewise Qubes' leaf.</param>
internal sealed record PollState(TimeSpan Since, TimeSpan? At, string? XenServers, string? Qubes);
