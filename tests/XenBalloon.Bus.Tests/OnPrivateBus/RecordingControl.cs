using System.Collections.Concurrent;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Tests.OnPrivateBus;

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

    public Task SetDomainAsync(DomainIdentity domain, DomainSetting setting, DomainSettings said, bool transient)
    {
        string value = setting switch
        {
            DomainSetting.Range => $"{said.Minimum?.Value} {said.Maximum?.Value}",
            DomainSetting.Minimum => $"{said.Minimum?.Value}",
            DomainSetting.Maximum => $"{said.Maximum?.Value}",
            DomainSetting.Weight => $"{said.Weight}",
            DomainSetting.Pin => $"{said.Pin?.Value}",
            _ => $"{said.Managed}",
        };
        return Ask($"domain {domain.Domid} {setting} {value}{(transient ? " transient" : "")}");
    }

    public Task UnpinAsync(DomainIdentity domain) => Ask($"unpin {domain.Domid}");

    public async Task<long> ReserveAsync(ReservationOrder order)
    {
        await Ask($"reserve {order.Minimum.Value} {order.Maximum.Value} within {order.Within?.TotalSeconds} persistent {order.Persistent} for '{order.For}'");
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
