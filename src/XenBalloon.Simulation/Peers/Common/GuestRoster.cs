using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>The guests of a host, in ascending order of domid, with what must be remembered of each from look to look.</summary>
/// <param name="scenario">Where their administrator's words are.</param>
internal sealed class GuestRoster(Scenario scenario)
{
    /// <summary>
    /// Linux's balloon driver announces itself in xenstore (<c>control/feature-balloon</c>), which snapshots do not show. The first report stands for
    /// that; of a guest that reports nothing it is expected after this time.
    /// </summary>
    private static readonly TimeSpan SilentBoot = TimeSpan.FromSeconds(30);

    private readonly TermsBook terms = new(scenario);
    private readonly Dictionary<DomainIdentity, PeerGuest> known = [];
    private readonly Dictionary<DomainIdentity, TimeSpan> since = [];
    private bool hasLooked;

    /// <summary>Those that have a target and are not on their way out; dom0 is none of them.</summary>
    public IReadOnlyList<PeerGuest> Look(HostSnapshot snapshot)
    {
        var guests = new List<PeerGuest>(snapshot.Domains.Length);
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            bool leaves = domain.Lifecycle is DomainLifecycle.Building or DomainLifecycle.Shutdown or DomainLifecycle.Dying;
            if (domain.Identity.IsDom0 || leaves || domain.Target is not { } target) continue;
            PeerGuest guest = known[domain.Identity] = Seen(domain, target, snapshot.At);
            guests.Add(guest);
        }

        Forget(snapshot);
        hasLooked = true;
        return guests;
    }

    private PeerGuest Seen(DomainSnapshot domain, KiB target, TimeSpan now)
    {
        since.TryAdd(domain.Identity, now);
        if (!known.TryGetValue(domain.Identity, out PeerGuest? before))
        {
            // Whoever is there at the first look has long been up.
            before = new PeerGuest(domain, terms.For(domain), KiB.Max(KiB.Zero, domain.Actual - target), !hasLooked, domain.Actual);
        }

        bool booted = before.HasBooted || domain.Report is not null || now - since[domain.Identity] >= SilentBoot;
        KiB atReport = domain.Report?.ReceivedAt == before.Domain.Report?.ReceivedAt ? before.ActualAtReport : domain.Actual;
        return before with { Domain = domain, HasBooted = booted, ActualAtReport = atReport };
    }

    private void Forget(HostSnapshot snapshot)
    {
        foreach (DomainIdentity gone in known.Keys.Except(snapshot.Domains.Select(domain => domain.Identity)).ToArray())
        {
            known.Remove(gone);
            since.Remove(gone);
        }
    }
}
