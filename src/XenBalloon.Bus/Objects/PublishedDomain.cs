using XenBalloon.Core;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Objects;

/// <summary>A domain as its object shows it.</summary>
/// <param name="Decision">What was decided of it.</param>
/// <param name="At">When, on the snapshot's clock.</param>
/// <param name="CarriedOut">Whether what was decided is carried out, or only computed.</param>
/// <param name="Settings">The operator's wishes.</param>
internal sealed record PublishedDomain(DomainDecision Decision, TimeSpan At, bool CarriedOut, BalancerSettings Settings)
{
    /// <summary>The target that its balloon has now: a plan that is not carried out changes none.</summary>
    internal KiB? Target => CarriedOut ? Decision.Target : Decision.Domain.Target;

    /// <summary>Where each setting comes from that was made for it.</summary>
    internal string SettingsFrom
    {
        get
        {
            string origins = Settings.Origins(Decision.Domain.Identity, Decision.Domain.Name);
            return Decision.Override is null ? origins
                : string.Join("; ", new[] { origins, "target: set by somebody else (xl mem-set)" }.Where(part => part.Length > 0));
        }
    }
}
