using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// For systems that refuse a reservation at once and leave retries to the toolstack. The simulated toolstack retries
/// every ten seconds until the start's deadline.
/// </summary>
internal sealed class StartRetries
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, TimeSpan> notBefore = new(StringComparer.Ordinal);

    /// <summary>The start was refused.</summary>
    public void OnRefused(StartRequest start, TimeSpan now) => notBefore[start.Name] = now + Pause;

    /// <summary>Whether to try the start now.</summary>
    public bool IsDue(StartRequest start, TimeSpan now) =>
        !notBefore.TryGetValue(start.Name, out TimeSpan then) || now >= then;
}
