using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>
/// Systems whose reservation says no at once leave it to whoever starts the domain to ask again. Here he does so as long as he has time, every ten
/// seconds.
/// </summary>
internal sealed class StartRetries
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, TimeSpan> notBefore = new(StringComparer.Ordinal);

    /// <summary>It was said no.</summary>
    public void OnRefused(StartRequest start, TimeSpan now) => notBefore[start.Name] = now + Pause;

    /// <summary>Whether the domain's start is asked for now.</summary>
    public bool IsAskedFor(StartRequest start, TimeSpan now) => !notBefore.TryGetValue(start.Name, out TimeSpan then) || now >= then;
}
