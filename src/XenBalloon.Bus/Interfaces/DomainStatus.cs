using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Interfaces;

/// <summary>A domain as the daemon shows it; sizes that are unknown or do not apply are null.</summary>
[BusInterface("org.xenballoon.Balloon1.Domain")]
public sealed partial record DomainStatus
{
    /// <summary>The domain of a decision, as the daemon publishes it.</summary>
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

        return new DomainStatus
        {
            Domid = (uint)domain.Identity.Domid,
            Uuid = domain.Identity.Uuid.ToString(),
            Name = domain.Name,
            State = EnumText.Of(domain.Lifecycle),
            Managed = decision.Managed,
            Health = EnumText.Of(decision.Health),
            Actual = domain.Occupied,

            // A plan that is not carried out changes no target.
            Target = publication.Mode == BalancerMode.Active ? decision.Target : domain.Target,
            MaxMem = domain.MaxMem,
            DynamicMin = decision.Minimum,
            DynamicMax = decision.Maximum,
            StaticMax = domain.StaticMax,
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
            Reason = decision.Reason.Explain(publication.Plan.Host, settings),
        };
    }

    /// <summary>The same, some time later: only its report has grown older.</summary>
    internal DomainStatus At(DomainDecision decision, Publication publication) =>
        this with { ReportAge = AgeOf(decision, publication) };

    /// <summary>
    /// As it was read from the bus, where 0 may also be the age of a report that has just arrived.
    /// </summary>
    internal DomainStatus WithReportAge() =>
        ReportSource is "none" or "" ? this : this with { ReportAge = ReportAge ?? TimeSpan.Zero };

    private static TimeSpan? AgeOf(DomainDecision decision, Publication publication) =>
        decision.Domain.Report is { } report
            ? TimeSpan.FromSeconds(Math.Max(0, Math.Floor((publication.Plan.At - report.ReceivedAt).TotalSeconds)))
            : null;
}
