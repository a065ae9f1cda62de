using XenBalloon.Core;
using XenBalloon.Core.Memory;

namespace XenBalloon.Bus.Objects;

/// <summary>A domain as its object shows it.</summary>
/// <param name="Decision">What was decided of it.</param>
/// <param name="At">When, on the snapshot's clock.</param>
/// <param name="CarriedOut">Whether what was decided is carried out, or only computed.</param>
internal sealed record PublishedDomain(DomainDecision Decision, TimeSpan At, bool CarriedOut)
{
    /// <summary>The target that its balloon has now: a plan that is not carried out changes none.</summary>
    internal KiB? Target => CarriedOut ? Decision.Target : Decision.Domain.Target;
}
