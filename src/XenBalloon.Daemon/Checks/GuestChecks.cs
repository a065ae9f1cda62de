using System.Collections.Immutable;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Checks;

/// <summary>Whether the guests can be balanced, and how well.</summary>
internal static class GuestChecks
{
    private const string InstallAgent = "install xenballoon-agent in the guest";

    /// <summary>The guests, each with what is to be said about it.</summary>
    internal static IEnumerable<Finding> Run(HostFacts facts)
    {
        if (facts.Domains.Snapshot is not { } host) return [Unknown(facts.Domains.Fault)];
        ImmutableArray<DomainSnapshot> guests = [.. host.Domains.Where(domain => !domain.Identity.IsDom0)];
        return
        [
            new(FindingId.Guests, Verdict.Ok, "guests", guests.IsEmpty ? "none runs" : $"{guests.Length} found"),
            .. guests.SelectMany(guest => Check(guest, facts)),
        ];
    }

    private static Finding Unknown(string? fault) => fault is null
        ? new(FindingId.Guests, Verdict.Note, "guests", "not checked: Xen cannot be opened")
        : new(FindingId.Guests, Verdict.Error, "guests", fault);

    private static IEnumerable<Finding> Check(DomainSnapshot guest, HostFacts facts)
    {
        string name = guest.Name.Length > 0 ? guest.Name : "domain";
        string subject = $"{name} ({guest.Identity.Domid})";
        if (guest.Lifecycle == DomainLifecycle.Running) yield return Report(guest, subject, facts);
        if (guest.Target is not null && guest.StaticMax is null)
        {
            yield return new(
                FindingId.GuestRange,
                Verdict.Warning,
                subject,
                "has no memory/static-max in xenstore, so it is not balanced",
                "create it again with xl");
        }

        if (guest.HasPassthrough)
        {
            string text = "has a PCI device, which may use any of its memory, so it is not balanced";
            yield return new(FindingId.GuestDevice, Verdict.Note, subject, text);
        }

        if (guest.FixedBy is { } feature)
        {
            string text = $"has {CreationLimitName.Of(feature)}: xl could not start it again with less than its "
                + "maximum memory, so it is not shrunk";
            yield return new(FindingId.GuestFeature, Verdict.Note, subject, text);
        }
    }

    private static Finding Report(DomainSnapshot guest, string subject, HostFacts facts)
    {
        Finding Of(Verdict effect, string text, string? remedy = null) =>
            new(FindingId.GuestReport, effect, subject, text, remedy);

        int domid = guest.Identity.Domid;
        string verdict = facts.Bus.Daemon?.ReportVerdicts.GetValueOrDefault(domid) ?? "";
        if (guest.HasAgent)
        {
            return IsMissing(verdict)
                ? Of(
                    Verdict.Warning,
                    $"has xenballoon-agent, but its report is {verdict}",
                    "check in the guest that xenballoon-agent runs")
                : Of(Verdict.Ok, "reports through xenballoon-agent");
        }

        const string Less = "without swap and waiting for memory, so it is not shrunk below its boot memory";
        if (facts.Domains.XenServerDomids.Contains(domid))
        {
            return Of(Verdict.Note, $"reports as the agents of XenServer do, {Less}", InstallAgent);
        }

        return guest.HasQubesNode
            ? Of(Verdict.Note, $"may report as Qubes' meminfo-writer does, {Less}", InstallAgent)
            : Of(Verdict.Warning, "does not report, so it is not shrunk below its boot memory", InstallAgent);
    }

    private static bool IsMissing(string verdict) => EnumText.Parse<ReportVerdict>(verdict)
        is ReportVerdict.Stale or ReportVerdict.Implausible or ReportVerdict.Silent;
}
