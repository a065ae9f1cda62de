using XenBalloon.Core;

namespace XenBalloon.Bus.Objects;

/// <summary>A domain as its object shows it.</summary>
/// <param name="Decision">What was decided of it.</param>
/// <param name="At">When, on the snapshot's clock.</param>
internal sealed record PublishedDomain(DomainDecision Decision, TimeSpan At);
