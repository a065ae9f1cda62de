using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus;

/// <summary>
/// What the daemon does at the word of an administrator. The methods are called on the bus thread and must not hold it up: they post to the loop and
/// return a task, and the caller is answered when that completes, which is when a publication shows what was asked for. What cannot be done fails with a
/// <see cref="ControlRefusedException"/>, whose message reaches the caller as one line.
/// </summary>
public interface IControl
{
    /// <summary>Changes the mode, until the daemon ends.</summary>
    Task SetModeAsync(BalancerMode mode);

    /// <summary>Changes the policy, until the daemon ends.</summary>
    Task SetPolicyAsync(PolicyKind policy);

    /// <summary>Reads the configuration anew; fails, with the old settings kept, when it is bad.</summary>
    Task ReloadAsync();

    /// <summary>Takes a step now.</summary>
    Task BalanceAsync();

    /// <summary>Says something of a domain.</summary>
    /// <param name="domain">Which.</param>
    /// <param name="setting">What of.</param>
    /// <param name="said">The new value; what is null in it is what the configuration says again.</param>
    /// <param name="transient">Whether it is forgotten with the daemon's end; else it is kept for the domain's UUID.</param>
    Task SetDomainAsync(DomainIdentity domain, DomainSetting setting, DomainSettings said, bool transient);

    /// <summary>Takes back that an operator pinned a domain, here or by <c>xl mem-set</c>.</summary>
    Task UnpinAsync(DomainIdentity domain);

    /// <summary>Sets memory aside for a domain yet to come.</summary>
    /// <returns>The reservation's number.</returns>
    Task<long> ReserveAsync(ReservationOrder order);

    /// <summary>Gives a reservation that is ready to a domain.</summary>
    Task TransferAsync(long reservation, int domid);

    /// <summary>Ends a reservation.</summary>
    Task CancelAsync(long reservation);

    /// <summary>Somebody who has reservations has left the bus; nobody waits for what comes of that.</summary>
    void OwnerLeft(string owner);
}
