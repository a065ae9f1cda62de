using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>What a domain needs, as far as its reports show.</summary>
/// <param name="Verdict">What was made of the report.</param>
/// <param name="Hot">In active use, in what the hypervisor holds (the guest's own count and its kernel's overhead); smoothed: rises at once, falls slowly.</param>
/// <param name="Want">Hot and headroom: what it should have where there is enough.</param>
/// <param name="Floor">Below this it would be hurt: what is in use now and a margin. Never its target by our doing.</param>
/// <param name="Starved">Nearly nothing is available in the guest: how much more it needs cannot be seen, so the want grows with each report.</param>
public readonly record struct DomainDemand(ReportVerdict Verdict, KiB Hot, KiB Want, KiB Floor, bool Starved);
