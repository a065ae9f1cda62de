using System.Threading.Channels;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Control;

/// <summary>What operators ask for, from whatever thread, on its way to the loop.</summary>
internal sealed class ControlRequests : IControl
{
    /// <summary>More than this waiting means that the loop hangs: then nobody is to be kept waiting.</summary>
    private const int Most = 256;

    /// <summary>More names than this help nobody in one line.</summary>
    private const int MostNamed = 4;

    private readonly Channel<ControlRequest> channel =
        Channel.CreateBounded<ControlRequest>(new BoundedChannelOptions(Most) { SingleReader = true });

    public Task SetModeAsync(BalancerMode mode) => Post(steering => steering.SetMode(mode));

    public Task SetPolicyAsync(PolicyKind policy) => Post(steering => steering.SetPolicy(policy));

    public Task ReloadAsync() => Post(steering => steering.Reload());

    public Task BalanceAsync() => Post(_ => { });

    public Task SetDomainAsync(
        DomainIdentity domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient) => Post(
            steering => steering.SetDomain(domain, changes, transient));

    public Task UnpinAsync(DomainIdentity domain) => Post(steering => steering.Unpin(domain));

    public async Task<long> ReserveAsync(ReservationRequest request)
    {
        long id = 0;
        Publication publication = await Post(steering => id = steering.Reserve(request)).ConfigureAwait(false);

        // One that had to be ready at once is at its end by now where it is not.
        Reservation? ended = publication.Plan.Ended.FirstOrDefault(one => one.Id == id);
        if (ended is null or { State: ReservationState.Completed }) return id;
        throw NotFree(ended, publication.Plan.Host);
    }

    public Task TransferAsync(long reservation, int domid) => Post(steering => steering.Transfer(reservation, domid));

    public Task CancelAsync(long reservation) => Post(steering => steering.Cancel(reservation));

    public void OwnerLeft(string owner) => Post(steering => steering.OwnerLeft(owner)).ContinueWith(
        failed => _ = failed.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    /// <summary>Completes when something has been asked for.</summary>
    internal Task WaitAsync(CancellationToken cancellation) => channel.Reader.WaitToReadAsync(cancellation).AsTask();

    /// <summary>All that has been asked for since the last time.</summary>
    internal IReadOnlyList<ControlRequest> Take()
    {
        var requests = new List<ControlRequest>();
        while (channel.Reader.TryRead(out ControlRequest? request)) requests.Add(request);
        return requests;
    }

    private static ControlException NotFree(Reservation ended, HostDecision host)
    {
        Donation[] blocking = [.. ended.BlockedBy];
        string why = $"{ended.Minimum} are not free now: "
            + $"{host.Free} are, with {host.Slack} of slack and {host.Reserved} reserved";
        if (blocking.Length == 0) return new(ControlError.NotEnoughMemory, $"{why}; allow some time for it");
        why += $"; {string.Join("; ", blocking.Take(MostNamed))}";
        if (blocking.Length > MostNamed) why += $"; and {blocking.Length - MostNamed} more";
        return new(ControlError.DomainsRefused, $"{why}; allow some time for it, or stop a domain");
    }

    private Task<Publication> Post(Action<Steering> change)
    {
        var request = new ControlRequest(change);
        bool taken = channel.Writer.TryWrite(request);
        if (!taken) request.Fail(new ControlException(ControlError.Failed, "the daemon is too busy: try again later"));
        return request.Done;
    }
}
