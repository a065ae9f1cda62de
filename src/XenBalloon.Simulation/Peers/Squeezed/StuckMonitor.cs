using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>Guesses which balloon drivers are stuck: asked to move, and for more than 5 s not a page nearer to the target.</summary>
internal sealed class StuckMonitor
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, (KiB Actual, TimeSpan Progress, bool Stuck)> seen = [];

    /// <summary>Looks at the domains.</summary>
    public void Update(SqueezedHost host, TimeSpan now)
    {
        foreach (SqueezedDomain domain in host.Domains)
        {
            (KiB actual, TimeSpan progress, bool stuck) = seen.TryGetValue(domain.Id, out var before) ? before : (domain.Actual, now, false);
            KiB moved = domain.Actual - actual;
            bool asked = !domain.HasHitTarget;
            if (asked && moved != KiB.Zero && moved > KiB.Zero == domain.Target > domain.Actual) (progress, stuck) = (now, false);
            if (asked && now - progress > StuckAfter) stuck = true;
            seen[domain.Id] = (domain.Actual, progress, stuck);
        }
    }

    /// <summary>Whether a domain's driver is believed to work.</summary>
    public bool IsActive(int id) => seen.TryGetValue(id, out var domain) && !domain.Stuck;
}
