using System.Collections.Immutable;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Loop;

namespace XenBalloon.Daemon.Control;

/// <summary>Queues the requests of the bus, from any thread, for the loop.</summary>
internal sealed class QueuedControl(
    RequestQueue queue, RequestHandler handler, string requester = QueuedControl.Own) : IControl
{
    /// <summary>The requester of what no client requests.</summary>
    internal const string Own = "xenballoond";

    /// <summary>An error is one line: it names at most this many domains.</summary>
    private const int MaxNamed = 4;

    public IControl OnBehalfOf(string requester) => new QueuedControl(queue, handler, requester);

    public Task SetModeAsync(BalancerMode mode) => Post(() => handler.SetMode(mode));

    public Task SetPolicyAsync(PolicyKind policy) => Post(() => handler.SetPolicy(policy));

    public Task ReloadAsync() => Post(handler.Reload);

    public Task BalanceAsync() => queue.Post(() => { });

    public async Task<ImmutableArray<string>> RestoreAsync(TimeSpan limit)
    {
        Restoration? restoration = null;
        await Post(() => restoration = handler.Restore(limit)).ConfigureAwait(false);
        ImmutableArray<string> missing = await restoration!.Completion.ConfigureAwait(false);
        await queue.Post(() => { }).ConfigureAwait(false); // the next publication shows the mode
        return missing;
    }

    public Task SetDomainAsync(
        DomainIdentity domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient) =>
        Post(() => handler.SetDomain(domain, changes, transient));

    public Task UnpinAsync(DomainIdentity domain) => Post(() => handler.Unpin(domain));

    public Task HoldAsync(DomainIdentity domain, string owner) => Post(() => handler.Hold(domain, owner));

    public Task ReleaseAsync(DomainIdentity domain, string owner) => Post(() => handler.Release(domain, owner));

    public async Task<long> ReserveAsync(ReservationRequest request)
    {
        long id = 0;
        Publication publication = await Post(() => id = handler.Reserve(request)).ConfigureAwait(false);

        // A reservation with a timeout of 0 has already ended here if its memory is not free.
        Reservation? ended = publication.Plan.Ended.FirstOrDefault(reservation => reservation.Id == id);
        if (ended is null or { State: ReservationState.Completed }) return id;
        throw NotFree(ended, publication.Plan.Host);
    }

    public Task TransferAsync(long reservation, int domid) => Post(() => handler.Transfer(reservation, domid));

    public Task CancelAsync(long reservation) => Post(() => handler.Cancel(reservation));

    public void OwnerLeft(string owner) => Post(() => handler.OwnerLeft(owner)).ContinueWith(
        failed => _ = failed.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    private Task<Publication> Post(Action request) => queue.Post(() =>
    {
        handler.Requester = requester;
        request();
    });

    private static ControlException NotFree(Reservation ended, HostDecision host)
    {
        Donation[] blocking = [.. ended.BlockedBy];
        string why = $"not enough free memory for {ended.Minimum}: "
            + $"{host.Free} free, of which {host.Slack} are slack and {host.Reserved} reserved";
        if (blocking.Length == 0) return new(ControlError.NotEnoughMemory, $"{why}; retry with a longer timeout");
        why += $"; {string.Join("; ", blocking.Take(MaxNamed))}";
        if (blocking.Length > MaxNamed) why += $"; and {blocking.Length - MaxNamed} more";
        return new(ControlError.DomainsRefused, $"{why}; retry with a longer timeout, or stop a domain");
    }
}
