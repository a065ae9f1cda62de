using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus;

/// <summary>
/// What the daemon does when an administrator asks. The methods are called in the bus's turn and must not hold it up:
/// they post to the loop and return a task, and the caller is answered when that completes, which is when a publication
/// shows what was asked for. A request that cannot be carried out fails with a <see cref="ControlException"/>, whose
/// message reaches the caller as one line.
/// </summary>
public interface IControl
{
    /// <summary>Changes the mode, until the daemon ends.</summary>
    Task SetModeAsync(BalancerMode mode);

    /// <summary>Changes the policy, until the daemon ends.</summary>
    Task SetPolicyAsync(PolicyKind policy);

    /// <summary>Reloads the configuration; fails, with the old settings kept, when it is invalid.</summary>
    Task ReloadAsync();

    /// <summary>Makes a balancing pass now.</summary>
    Task BalanceAsync();

    /// <summary>Changes settings of a domain, all or none of them.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="changes">The new values; null for a setting that is left to the configuration.</param>
    /// <param name="transient">
    /// Whether they are forgotten with the daemon's end; else they are kept for the domain's UUID.
    /// </param>
    Task SetDomainAsync(DomainIdentity domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient);

    /// <summary>Balances a domain that an operator pinned, here or by <c>xl mem-set</c>.</summary>
    Task UnpinAsync(DomainIdentity domain);

    /// <summary>Sets memory aside for a domain that will start.</summary>
    /// <returns>The reservation's number.</returns>
    Task<long> ReserveAsync(ReservationRequest request);

    /// <summary>Gives a reservation that is ready to a domain.</summary>
    Task TransferAsync(long reservation, int domid);

    /// <summary>Ends a reservation.</summary>
    Task CancelAsync(long reservation);

    /// <summary>The owner of reservations has left the bus; no caller waits for the outcome.</summary>
    void OwnerLeft(string owner);
}
