using System.Collections.Concurrent;
using System.Collections.Immutable;
using XenBalloon.Bus;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Testing;

/// <summary>A test double of the daemon's loop: records requests and completes them as configured.</summary>
public sealed class RecordingControl : IControl
{
    private readonly ConcurrentQueue<string> requests = new();
    private string? requester;

    /// <summary>The requests, in order.</summary>
    public IReadOnlyList<string> Requests => [.. requests];

    /// <summary>Clears the requests.</summary>
    public void Clear() => requests.Clear();

    /// <summary>Creates the task that each request returns.</summary>
    public Func<Task> Respond { get; set; } = () => Task.CompletedTask;

    /// <summary>The number of the next reservation.</summary>
    public long Reservation { get; set; } = 1;

    /// <summary>Who made the last request.</summary>
    public string? Requester { get; private set; }

    public IControl OnBehalfOf(string requester)
    {
        this.requester = requester;
        return this;
    }

    public Task SetModeAsync(BalancerMode mode) => Record($"mode {mode}");

    public Task SetPolicyAsync(PolicyKind policy) => Record($"policy {policy}");

    public Task ReloadAsync() => Record("reload");

    public Task BalanceAsync() => Record("balance");

    /// <summary>The domains that a restoration leaves with less than they booted with.</summary>
    public ImmutableArray<string> Missing { get; set; } = [];

    public async Task<ImmutableArray<string>> RestoreAsync(TimeSpan limit)
    {
        await Record($"restore within {limit.TotalSeconds}");
        return Missing;
    }

    public Task SetDomainAsync(DomainIdentity domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient)
    {
        var set = DomainSetting.All.Where(changes.ContainsKey).Select(setting => $"{setting.Name}={changes[setting]}");
        return Record($"domain {domain.Domid} {string.Join(' ', set)}{(transient ? " transient" : "")}");
    }

    public Task UnpinAsync(DomainIdentity domain) => Record($"unpin {domain.Domid}");

    public Task HoldAsync(DomainIdentity domain, string owner) => Record($"hold {domain.Domid}");

    public Task ReleaseAsync(DomainIdentity domain, string owner) => Record($"release {domain.Domid}");

    public async Task<long> ReserveAsync(ReservationRequest request)
    {
        await Record(
            $"reserve {request.Minimum.Value} {request.Maximum.Value} within {request.Within?.TotalSeconds} "
            + $"persistent {request.Persistent} for '{request.For}'"
            + (request.ExpiresAfter is { } after ? $" expires {after.TotalSeconds}" : ""));
        return Reservation;
    }

    public Task TransferAsync(long reservation, int domid) => Record($"transfer {reservation} {domid}");

    public Task CancelAsync(long reservation) => Record($"cancel {reservation}");

    public void OwnerLeft(string owner) => requests.Enqueue("owner left");

    /// <summary>Only the departure of a client has no requester.</summary>
    private Task Record(string request)
    {
        Requester = requester ?? throw new InvalidOperationException($"nobody requests: {request}");
        requester = null;
        requests.Enqueue(request);
        return Respond();
    }
}
