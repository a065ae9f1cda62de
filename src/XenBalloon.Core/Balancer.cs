using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>The whole policy as one pure step.</summary>
public sealed class Balancer
{
    /// <summary>Decides.</summary>
    /// <param name="state">What the last step returned, or <see cref="BalancerState.Empty"/>.</param>
    /// <param name="snapshot">The host now.</param>
    /// <param name="settings">The operator's wishes.</param>
    public static BalancerStep Step(BalancerState state, HostSnapshot snapshot, BalancerSettings settings) =>
        throw new InvalidOperationException();
}
