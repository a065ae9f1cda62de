using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus;

/// <summary>
/// The requests that the daemon accepts from the bus. The server calls these methods on its queue, so they must not
/// block: they pass the request to the daemon's loop and return a task. The task completes when a publication shows the
/// change; only then does the caller get its reply. A request that cannot be carried out fails with a
/// <see cref="ControlException"/>, whose message the caller receives as one line.
/// </summary>
public interface IControl
{
    /// <summary>The same requests, made by a client; the log names it.</summary>
    /// <param name="requester">The user and the program: <c>root (xenballoon, process 4711)</c>.</param>
    IControl OnBehalfOf(string requester);

    /// <summary>Changes the mode until the daemon stops.</summary>
    Task SetModeAsync(BalancerMode mode);

    /// <summary>Changes the policy until the daemon stops.</summary>
    Task SetPolicyAsync(PolicyKind policy);

    /// <summary>Reloads the configuration; fails and keeps the old settings if it is invalid.</summary>
    Task ReloadAsync();

    /// <summary>Runs a balancing pass now.</summary>
    Task BalanceAsync();

    /// <summary>
    /// Gives every managed domain back what it booted with, as far as memory allows, then pauses the balancing.
    /// </summary>
    /// <param name="limit">The longest time that it may take.</param>
    /// <returns>The domains that have less, each with its reason, in a line each.</returns>
    Task<ImmutableArray<string>> RestoreAsync(TimeSpan limit);

    /// <summary>Changes settings of a domain, either all of them or none.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="changes">The new values; null restores the configured value.</param>
    /// <param name="transient">
    /// Whether the changes last only until the daemon stops; otherwise they are saved for the domain's name.
    /// </param>
    Task SetDomainAsync(DomainIdentity domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient);

    /// <summary>Balances a domain again that was pinned through the bus or by <c>xl mem-set</c>.</summary>
    Task UnpinAsync(DomainIdentity domain);

    /// <summary>Leaves a domain alone that is about to be saved or migrated.</summary>
    Task HoldAsync(DomainIdentity domain, string owner);

    /// <summary>Ends an owner's hold of a domain.</summary>
    Task ReleaseAsync(DomainIdentity domain, string owner);

    /// <summary>Reserves memory for a domain that will start.</summary>
    /// <returns>The reservation's number.</returns>
    Task<long> ReserveAsync(ReservationRequest request);

    /// <summary>Assigns a ready reservation to a domain.</summary>
    Task TransferAsync(long reservation, int domid);

    /// <summary>Cancels a reservation.</summary>
    Task CancelAsync(long reservation);

    /// <summary>The owner of reservations or holds left the bus. The server does not wait for the outcome.</summary>
    void OwnerLeft(string owner);
}
