using System.Collections.Concurrent;
using XenBalloon.Bus;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Testing;

/// <summary>Stands in for the daemon's loop: notes what was asked for, and answers when told to.</summary>
public sealed class RecordingControl : IControl
{
    private readonly ConcurrentQueue<string> asked = new();

    /// <summary>What was asked for, in order.</summary>
    public IReadOnlyList<string> Asked => [.. asked];

    /// <summary>Forgets what was asked for.</summary>
    public void Forget() => asked.Clear();

    /// <summary>What every request comes to.</summary>
    public Func<Task> Answer { get; set; } = () => Task.CompletedTask;

    /// <summary>The number of the next reservation.</summary>
    public long Reservation { get; set; } = 1;

    public Task SetModeAsync(BalancerMode mode) => Ask($"mode {mode}");

    public Task SetPolicyAsync(PolicyKind policy) => Ask($"policy {policy}");

    public Task ReloadAsync() => Ask("reload");

    public Task BalanceAsync() => Ask("balance");

    public Task SetDomainAsync(DomainIdentity domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient)
    {
        var set = DomainSetting.All.Where(changes.ContainsKey).Select(setting => $"{setting.Name}={changes[setting]}");
        return Ask($"domain {domain.Domid} {string.Join(' ', set)}{(transient ? " transient" : "")}");
    }

    public Task UnpinAsync(DomainIdentity domain) => Ask($"unpin {domain.Domid}");

    public async Task<long> ReserveAsync(ReservationRequest request)
    {
        await Ask(
            $"reserve {request.Minimum.Value} {request.Maximum.Value} within {request.Within?.TotalSeconds} "
            + $"persistent {request.Persistent} for '{request.For}'");
        return Reservation;
    }

    public Task TransferAsync(long reservation, int domid) => Ask($"transfer {reservation} {domid}");

    public Task CancelAsync(long reservation) => Ask($"cancel {reservation}");

    public void OwnerLeft(string owner) => Ask("owner left");

    private Task Ask(string what)
    {
        asked.Enqueue(what);
        return Answer();
    }
}
