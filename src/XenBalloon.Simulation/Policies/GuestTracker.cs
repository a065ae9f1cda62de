using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>Tracks the guests of a host from pass to pass.</summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class GuestTracker(Scenario scenario)
{
    /// <summary>
    /// Linux's balloon driver announces itself in xenstore (<c>control/feature-balloon</c>), which snapshots do not
    /// show. The first report stands for that. A guest that does not report is expected to have booted after this time.
    /// </summary>
    private static readonly TimeSpan SilentBoot = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, GuestSettings> settings =
        scenario.Guests.ToDictionary(guest => guest.Name, GuestSettings.Of, StringComparer.Ordinal);
    private readonly Dictionary<DomainIdentity, PeerGuest> known = [];
    private readonly Dictionary<DomainIdentity, TimeSpan> since = [];
    private bool hasRead;

    /// <summary>
    /// Returns the domains, in ascending order of domid, that have a target and are neither being built nor shutting
    /// down; never dom0.
    /// </summary>
    public IReadOnlyList<PeerGuest> Update(HostSnapshot snapshot)
    {
        var guests = new List<PeerGuest>(snapshot.Domains.Length);
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            bool leaves =
                domain.Lifecycle is DomainLifecycle.Building or DomainLifecycle.Shutdown or DomainLifecycle.Dying;
            if (domain.Identity.IsDom0 || leaves || domain.Target is not { } target) continue;
            PeerGuest guest = known[domain.Identity] = Seen(domain, target, snapshot.At);
            guests.Add(guest);
        }

        Forget(snapshot);
        hasRead = true;
        return guests;
    }

    private PeerGuest Seen(DomainSnapshot domain, KiB target, TimeSpan now)
    {
        since.TryAdd(domain.Identity, now);
        if (!known.TryGetValue(domain.Identity, out PeerGuest? before))
        {
            // A domain in the first snapshot has booted long before.
            before = new PeerGuest(
                domain, settings.GetValueOrDefault(domain.Name) ?? GuestSettings.Of(domain),
                KiB.Max(KiB.Zero, domain.Actual - target), !hasRead, domain.Actual);
        }

        bool booted = before.HasBooted || domain.Report is not null || now - since[domain.Identity] >= SilentBoot;
        KiB atReport = domain.Report?.ReceivedAt == before.Domain.Report?.ReceivedAt
            ? before.ActualAtReport
            : domain.Actual;
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
