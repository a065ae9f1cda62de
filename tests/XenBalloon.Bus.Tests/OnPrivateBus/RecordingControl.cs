using System.Collections.Concurrent;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Tests.OnPrivateBus;

/// <summary>Stands in for the daemon's loop: notes what was asked for, and answers when told to.</summary>
public sealed class RecordingControl : IManagerControl
{
    private readonly ConcurrentQueue<string> asked = new();

    /// <summary>What was asked for, in order.</summary>
    public IReadOnlyList<string> Asked => [.. asked];

    /// <summary>What every request comes to.</summary>
    public Func<Task> Answer { get; set; } = () => Task.CompletedTask;

    public Task SetModeAsync(BalancerMode mode) => Ask($"mode {mode}");

    public Task ReloadAsync() => Ask("reload");

    public Task BalanceAsync() => Ask("balance");

    private Task Ask(string what)
    {
        asked.Enqueue(what);
        return Answer();
    }
}
