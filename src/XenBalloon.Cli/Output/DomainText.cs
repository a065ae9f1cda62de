using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static System.FormattableString;

namespace XenBalloon.Cli.Output;

/// <summary>A domain as plain text.</summary>
internal static class DomainText
{
    /// <summary>The report of a domain that the balancer does not manage is not evaluated.</summary>
    private const string NotEvaluated = "none";

    /// <summary>All properties of a domain, a line for each subject.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="host">The host, whose mode says whether targets are written.</param>
    internal static IEnumerable<string> Explain(DomainStatus domain, HostStatus host)
    {
        yield return Invariant($"{NameOf(domain)}, domain {domain.Domid}, {domain.Uuid}, {domain.State}");
        yield return $"  state        {Printable.Of(domain.ReasonKind)}";
        yield return $"  reason       {Printable.Of(domain.Reason)}";
        if (!host.IsActive)
        {
            string mode = Printable.Of(host.Mode);
            yield return $"  mode         {mode}: no target is written; the reason says what mode active would do";
        }

        yield return $"  actual       {domain.Actual}; maxmem {domain.MaxMem}";
        yield return $"  target       {Known(domain.Target)}; boot memory {Known(domain.BootMemory)}";
        yield return $"  range        {RangeOf(domain)}; static-max {Known(domain.StaticMax)}";
        yield return $"  in use       {Known(domain.InUse)}; floor {Known(domain.Floor)}";
        yield return $"  need         {Known(domain.Need)}; want {Known(domain.Want)}";
        yield return $"  recent peak  {Known(domain.RecentPeak)}";
        string guaranteed = domain.GuaranteedShare is { } share ? $"; guaranteed share {share}" : "";
        yield return Invariant($"  entitlement  {Known(domain.Entitlement)} with weight {domain.Weight}{guaranteed}");
        yield return $"  pinned       {domain.Pinned?.ToString() ?? "no"}";
        string settings = domain.SettingsFrom.Length == 0 ? "built-in defaults" : Printable.Of(domain.SettingsFrom);
        yield return $"  settings     {settings}";
        yield return $"  managed      {(domain.Managed ? "yes" : "no")}";
        yield return $"  health       {Printable.Of(domain.Health)}";
        yield return $"  alarms       {(domain.Alarms.IsEmpty ? "none" : AlarmsOf(domain))}";
        yield return $"  report       {ReportOf(domain)}";
    }

    /// <summary>A domain and its alarms.</summary>
    internal static string Alarms(DomainStatus domain) => $"{NameOf(domain)}: {AlarmsOf(domain)}";

    /// <summary>What a domain has and what it booted with, in one line.</summary>
    internal static string Restored(DomainStatus domain) =>
        $"{NameOf(domain)} has {domain.Actual} and booted with {domain.BootMemory?.ToString() ?? "an unknown size"}";

    /// <summary>The settings of a domain, in one line.</summary>
    internal static IEnumerable<string> Settings(DomainStatus domain)
    {
        string pinned = domain.Pinned is { } size ? $", pinned to {size}" : "";
        string managed = domain.Managed ? "" : ", unmanaged";
        string from = domain.SettingsFrom.Length == 0 ? "" : $" ({Printable.Of(domain.SettingsFrom)})";
        string start = Invariant($"{NameOf(domain)}, domain {domain.Domid}: {RangeOf(domain)}, weight {domain.Weight}");
        yield return start + pinned + managed + from;
    }

    /// <summary>How long a change of a domain's settings lasts, and for which domains, in one line.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="isRuntime">Whether it lasts until the daemon ends.</param>
    /// <param name="removes">Whether settings were removed and none was made.</param>
    internal static string Duration(DomainStatus domain, bool isRuntime, bool removes)
    {
        _ = Guid.TryParse(domain.Uuid, out Guid uuid);
        string scope = Printable.Of(DomainKey.Of(uuid, domain.Name).Scope);
        if (removes) return $"as {(isRuntime ? "kept or configured" : "configured")}, for {scope}";
        return isRuntime ? $"until the daemon ends, for {scope}" : $"kept for {scope}";
    }

    private static string NameOf(DomainStatus domain) =>
        domain.Name.Length == 0 ? "(no name)" : Printable.Of(domain.Name);

    private static string AlarmsOf(DomainStatus domain) => string.Join(", ", domain.Alarms.Select(Printable.Of));

    private static string RangeOf(DomainStatus domain) => $"{Known(domain.DynamicMin)} to {Known(domain.DynamicMax)}";

    private static string ReportOf(DomainStatus domain)
    {
        if (domain.ReportAge is not { } age)
        {
            return domain.ReportVerdict == EnumText.Of(ReportVerdict.Implausible)
                ? "none: the guest's report cannot be read"
                : "none: no agent in the guest has reported since xenballoond started";
        }

        string verdict = domain.ReportVerdict == NotEvaluated
            ? "not used, as the domain is not managed"
            : Printable.Of(domain.ReportVerdict);
        string source = Printable.Of(domain.ReportSource);
        return Invariant($"{source}, {age.TotalSeconds:0} s old at the last balancing pass: {verdict}");
    }

    private static string Known(KiB? size) => size?.ToString() ?? "-";
}
