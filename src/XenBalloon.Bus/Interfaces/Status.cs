using System.Collections.Immutable;
using System.Text.Json.Serialization;
using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Interfaces;

/// <summary>
/// The state of the host and the balancer. Strings are values of the D-Bus interface; a newer daemon may send new
/// values.
/// </summary>
[BusInterface("org.xenballoon.Balloon1.Manager")]
public sealed partial record HostStatus
{
    /// <summary>The domains, in ascending order of domid.</summary>
    [JsonIgnore]
    public ImmutableArray<DomainStatus> Domains { get; init; } = [];

    /// <summary>The open reservations, oldest first.</summary>
    [JsonIgnore]
    public ImmutableArray<ReservationStatus> Reservations { get; init; } = [];

    /// <summary>Whether the balancer moves memory: the mode is <c>active</c>.</summary>
    [JsonIgnore]
    public bool IsActive => Mode == EnumText.Of(BalancerMode.Active);

    /// <summary>The number of domains.</summary>
    public int DomainCount => Domains.Length;

    /// <summary>The number of managed domains.</summary>
    public int ManagedCount => Domains.Count(domain => domain.Managed);

    /// <summary>The number of open reservations.</summary>
    public int ReservationCount => Reservations.Length;

    /// <summary>The host's state in a publication, without domains and reservations.</summary>
    internal static HostStatus Of(Publication publication) => new()
    {
        Version = publication.Version,
        Host = publication.Host,
        Mode = EnumText.Of(publication.Mode),
        ModeReason = publication.ModeReason,
        Policy = EnumText.Of(publication.Settings.Policy),
        HostTotal = publication.Plan.Host.Total,
        HostFree = publication.Plan.Host.Free,
        Slack = publication.Plan.Host.Slack,
        KeepFree = publication.Plan.Host.KeepFree,
        Reserved = publication.Plan.Host.Reserved,
        Pressure = EnumText.Of(publication.Plan.Host.Pressure),
        Alarm = EnumText.Of(publication.Plan.Host.Alarm),
    };
}

/// <summary>The state of a domain; sizes that are unknown or do not apply are null.</summary>
[BusInterface("org.xenballoon.Balloon1.Domain")]
public sealed partial record DomainStatus
{
    /// <summary>A domain's state in a publication.</summary>
    internal static DomainStatus Of(DomainDecision decision, Publication publication)
    {
        DomainSnapshot domain = decision.Domain;
        DomainDemand? demand = decision.ShownDemand;
        BalancerSettings settings = publication.Settings;
        string origins = settings.Origins(domain.Identity, domain.Name);
        if (decision.Override is not null)
        {
            origins += $"{(origins.Length > 0 ? "; " : "")}target: set by another tool (xl mem-set)";
        }

        if (decision.Conflict is { } conflict)
        {
            string origin = settings.Origin(conflict.Setting, domain.Identity, domain.Name) ?? "";
            origins += $"{(origins.Length > 0 ? "; " : "")}{conflict.Explain(origin)}";
        }

        return new DomainStatus
        {
            Domid = (uint)domain.Identity.Domid,
            Uuid = domain.Identity.Uuid.ToString(),
            Name = domain.Name,
            State = EnumText.Of(domain.Lifecycle),
            Managed = decision.Managed,
            Health = EnumText.Of(decision.Health),
            Alarms =
            [
                .. publication.Alarms.Where(alarm => alarm.Domain == domain.Identity).Select(
                    alarm => EnumText.Of(alarm.Kind)),
            ],
            Actual = domain.Occupied,

            // Unless the mode is active, the plan does not change the target.
            Target = publication.Mode == BalancerMode.Active ? decision.Target : domain.Target,
            MaxMem = domain.MaxMem,
            DynamicMin = decision.Minimum,
            DynamicMax = decision.Maximum,
            StaticMax = domain.StaticMax,
            BootMemory = decision.BootMemory,
            Pinned = decision.Pin,
            SettingsFrom = origins,
            Weight = (uint)Math.Max(0, decision.Weight),
            InUse = demand?.InUse,
            RecentPeak = demand?.RecentPeak,
            Floor = demand?.Floor,
            Need = demand?.Need,
            Want = demand?.Want,
            Entitlement = decision.Entitlement,
            GuaranteedShare = settings.Policy == PolicyKind.FairShare ? decision.GuaranteedShare : null,
            ReportSource = EnumText.Of(domain.Report?.Source),
            ReportVerdict = EnumText.Of(decision.Demand?.Verdict),
            ReportAge = AgeOf(decision, publication),
            ReasonKind = EnumText.Of(decision.Kind),
            Reason = decision.Reason.Explain(publication.Plan.Host, settings),
        };
    }

    /// <summary>The state at a later time, when nothing but the report's age has changed.</summary>
    internal DomainStatus At(DomainDecision decision, Publication publication) =>
        this with { ReportAge = AgeOf(decision, publication) };

    /// <summary>Corrects a state read from the bus, where an age of 0 is also that of a new report.</summary>
    internal DomainStatus WithReportAge() =>
        ReportSource is "none" or "" ? this : this with { ReportAge = ReportAge ?? TimeSpan.Zero };

    private static TimeSpan? AgeOf(DomainDecision decision, Publication publication) =>
        decision.Domain.Report is { } report
            ? TimeSpan.FromSeconds(Math.Max(0, Math.Floor((publication.Plan.At - report.ReceivedAt).TotalSeconds)))
            : null;
}

/// <summary>The state of a reservation; times that are unknown or do not apply are null.</summary>
[BusInterface("org.xenballoon.Balloon1.Reservation")]
public sealed partial record ReservationStatus
{
    /// <summary>Its number, the last element of its path.</summary>
    public long Id { get; init; }

    /// <summary>The domid of the domain that claimed it; null before that.</summary>
    public uint? Domid => BusNames.DomidOf(Domain);

    /// <summary>Whether its minimum is not free yet, so that its domain cannot start.</summary>
    [JsonIgnore]
    public bool IsGathering => State == EnumText.Of(ReservationState.Gathering);

    /// <summary>
    /// A reservation's state in a publication. Times are whole seconds, so that conversion to the wall clock does not
    /// show changes where there are none.
    /// </summary>
    internal static ReservationStatus Of(Reservation reservation, Publication publication) => new()
    {
        Id = reservation.Id,
        Owner = BusNames.NameOfOwner(reservation.Owner),
        For = reservation.For,
        Persistent = reservation.Persistent,
        Minimum = reservation.Minimum,
        Maximum = reservation.Maximum,
        Held = reservation.Held,
        State = EnumText.Of(reservation.State),
        Deadline = WallClock(publication, reservation.Deadline),
        ReadyAt = WallClock(publication, reservation.ReadyAt),
        ExpiresAt = WallClock(publication, reservation.ExpiresAt),

        // Only in the active mode does the balancer free memory for it.
        Eta = publication.Mode == BalancerMode.Active ? WallClock(publication, reservation.Eta) : null,
        BlockedBy = [.. reservation.BlockedBy.Select(donation => donation.ToString())],
        Domain = reservation.Claim is { } claim ? BusNames.DomainPath(claim.Domain.Domid) : "",
        Reason = reservation.Explain(),
    };

    private static DateTimeOffset? WallClock(Publication publication, TimeSpan? at) =>
        at is { } known ? DateTimeOffset.FromUnixTimeSeconds(publication.ToWallClock(known).ToUnixTimeSeconds()) : null;
}
