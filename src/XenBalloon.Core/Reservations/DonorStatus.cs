using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>How a domain stands that could give memory: where it is and where it was told to go.</summary>
/// <param name="Domain">Which domain.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Holds">What it holds now, in the unit of its target: less video memory and its constant offset.</param>
/// <param name="Target">What it is told to go to.</param>
/// <param name="Why">Why it is not asked for more, or does not give; null where nothing keeps it.</param>
public readonly record struct DonorStatus(DomainIdentity Domain, string Name, KiB Holds, KiB Target, DonorObstacle? Why = null);
