using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>
/// A pass on a quiet host: every domain has what it wants, no memory moves, and nothing but reports has changed since
/// the last pass. If the new reports leave it so, sharing the memory again would move none of it, so only the domains
/// that reported are read. The cost follows the number of reports, not of domains.
/// </summary>
internal sealed class QuietPass
{
    /// <summary>
    /// Time passes for domains that do not report, too: reports grow stale, peaks are forgotten, surplus is taken
    /// gently. Without reports, passes are this far apart by default.
    /// </summary>
    private static readonly TimeSpan LongestWithoutSharing = TimeSpan.FromSeconds(5);

    private readonly List<int> changed = [];
    private HostSnapshot? last;
    private BalancerSettings? settings;
    private TimeSpan sharedAt;

    /// <summary>The domains that the last <see cref="TryRead"/> read, by their index in the snapshot.</summary>
    internal List<int> Changed => changed;

    /// <summary>Records a pass that shared the memory.</summary>
    /// <param name="host">The input of the pass.</param>
    /// <param name="domains">The domains.</param>
    /// <param name="hasReservations">Whether it set memory aside, or will in the next pass.</param>
    /// <param name="plan">What it decided.</param>
    internal void OnShared(in HostPass host, List<DomainPass> domains, bool hasReservations, in Plan plan)
    {
        bool isQuiet = !plan.IsMoving
            && plan.Commands.IsEmpty
            && (plan.Host.Pressure, plan.Host.Alarm) == (HostPressure.None, HostAlarm.None)
            && !hasReservations
            && !host.Settings.Restores
            && IsInOrder(host.Snapshot, domains)
            && domains.TrueForAll(IsSatisfied);
        (last, settings, sharedAt) = (isQuiet ? host.Snapshot : null, host.Settings, host.Now);
    }

    /// <summary>Has the next pass share the memory.</summary>
    internal void End() => last = null;

    /// <summary>Reads the new reports of a quiet host.</summary>
    /// <param name="host">The input of this pass.</param>
    /// <param name="domains">The domains of the last pass.</param>
    /// <param name="remembered">What is remembered of guests.</param>
    /// <param name="gauge">Measures the pressure.</param>
    /// <returns>False if the host is not quiet: then the memory must be shared.</returns>
    internal bool TryRead(
        in HostPass host, List<DomainPass> domains, RememberedGuests remembered, PressureGauge gauge)
    {
        HostSnapshot snapshot = host.Snapshot;
        bool mayBeQuiet = last is not null
            && ReferenceEquals(settings, host.Settings)
            && host.Now - sharedAt < LongestWithoutSharing
            && (snapshot.Total, snapshot.Domains.Length) == (last.Total, last.Domains.Length)
            && gauge.Read(host, demand: false) == HostPressure.None;
        if (!mayBeQuiet || !FindReports(last!, snapshot)) return false;
        foreach (int index in changed)
        {
            if (!StaysQuiet(domains[index], snapshot.Domains[index], host, remembered)) return false;
        }

        last = snapshot;
        return true;
    }

    /// <summary>Finds the domains with new reports.</summary>
    /// <returns>False if there are none, or if anything else has changed.</returns>
    private bool FindReports(HostSnapshot before, HostSnapshot now)
    {
        bool found = false;
        changed.Clear();
        for (int i = 0; i < now.Domains.Length; i++)
        {
            DomainSnapshot domain = now.Domains[i];
            if (ReferenceEquals(domain, before.Domains[i])) continue;
            if (!domain.DiffersOnlyInReport(before.Domains[i])) return false;
            changed.Add(i);
            found |= domain.Report != before.Domains[i].Report;
        }

        return found;
    }

    private static bool StaysQuiet(
        DomainPass domain, DomainSnapshot snapshot, in HostPass host, RememberedGuests remembered)
    {
        ReasonKind? exclusion = domain.ExclusionReason;
        (ReasonKind reason, bool isBound) = (domain.ReasonKind, Pacer.IsBoundByMaximum(domain));
        (BalloonHealth health, DomainShare share) = (domain.Balloon.Health, domain.Share);
        DomainReader.Read(domain, snapshot, host, remembered);
        remembered.OnPass(domain);
        (domain.Share, domain.ReasonKind) = (share, reason);
        return domain.ExclusionReason == exclusion
            && domain.Balloon.Health == health
            && Pacer.IsBoundByMaximum(domain) == isBound
            && IsSatisfied(domain);
    }

    private static bool IsSatisfied(DomainPass domain)
    {
        bool isThere = domain.Snapshot.Lifecycle
            is not (DomainLifecycle.Building or DomainLifecycle.Shutdown or DomainLifecycle.Dying);
        if (!isThere || domain.IsLeaving || domain.RequestsReport || domain.NewTarget != domain.Target) return false;
        if (!domain.Participates) return true;
        DomainDemand demand = domain.Demand;
        return domain.ReasonKind is ReasonKind.Balanced or ReasonKind.AtMaximum
            && demand is { IsStalled: false, KilledPrograms: false, StaysFull: false }
            && !domain.LacksMemory
            && domain.Target + domain.StartBand > domain.WantWithForecast;
    }

    private static bool IsInOrder(HostSnapshot snapshot, List<DomainPass> domains)
    {
        for (int i = 0; i < domains.Count; i++)
        {
            if (!ReferenceEquals(domains[i].Snapshot, snapshot.Domains[i])) return false;
        }

        return true;
    }
}
