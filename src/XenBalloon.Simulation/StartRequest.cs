using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation;

/// <summary>
/// A requested start of a domain. It starts as soon as its memory is free, if that is before the deadline.
/// </summary>
/// <param name="Name">The name of the domain.</param>
/// <param name="Needed">The memory that it needs.</param>
/// <param name="RequestedAt">The time of the request, in scenario time.</param>
/// <param name="Deadline">The time at which the toolstack gives up, in scenario time.</param>
public sealed record StartRequest(string Name, KiB Needed, TimeSpan RequestedAt, TimeSpan Deadline);
