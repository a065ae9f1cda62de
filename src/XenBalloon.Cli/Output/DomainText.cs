using System.Globalization;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Output;

/// <summary>One domain, for a person.</summary>
internal static class DomainText
{
    /// <summary>Everything about it, a line for each aspect.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="host">The host, whose mode says whether plans are carried out.</param>
    internal static IEnumerable<string> Explain(DomainStatus domain, HostStatus host)
    {
        yield return Invariant($"{NameOf(domain)}, domain {domain.Domid}, {domain.Uuid}, {domain.State}");
        yield return $"  reason       {Printable.Of(domain.Reason)}";
        if (!host.IsActive)
        {
            string mode = Printable.Of(host.Mode);
            yield return $"  mode         {mode}: nothing is written; target and reason are what would be";
        }

        yield return $"  actual       {domain.Actual}, capped at {domain.MaxMem}";
        yield return $"  target       {Known(domain.Target)}";
        yield return $"  range        {RangeOf(domain)}; static-max {Known(domain.StaticMax)}";
        yield return $"  in use       {Known(domain.InUse)}; with a margin {Known(domain.Floor)}";
        yield return $"  needs        {Known(domain.Need)}; wants {Known(domain.Want)}";
        yield return $"  recent peak  {Known(domain.RecentPeak)}";
        string guaranteed = domain.GuaranteedShare is { } share ? $"; guaranteed share {share}" : "";
        yield return Invariant($"  entitlement  {Known(domain.Entitlement)} with weight {domain.Weight}{guaranteed}");
        yield return $"  pinned       {domain.Pinned?.ToString() ?? "no"}";
        string settings = domain.SettingsFrom.Length == 0 ? "built-in defaults" : Printable.Of(domain.SettingsFrom);
        yield return $"  settings     {settings}";
        yield return $"  managed      {(domain.Managed ? "yes" : "no")}";
        yield return $"  balloon      {Printable.Of(domain.Health)}";
        yield return $"  report       {ReportOf(domain)}";
    }

    /// <summary>Its settings, in one line.</summary>
    internal static IEnumerable<string> Settings(DomainStatus domain)
    {
        string pinned = domain.Pinned is { } size ? $", pinned to {size}" : "";
        string managed = domain.Managed ? "" : ", not managed";
        string from = domain.SettingsFrom.Length == 0 ? "" : $" ({Printable.Of(domain.SettingsFrom)})";
        string start = Invariant($"{NameOf(domain)}, domain {domain.Domid}: {RangeOf(domain)}, weight {domain.Weight}");
        yield return start + pinned + managed + from;
    }

    private static string NameOf(DomainStatus domain) =>
        domain.Name.Length == 0 ? "(no name)" : Printable.Of(domain.Name);

    private static string RangeOf(DomainStatus domain) => $"{Known(domain.DynamicMin)} to {Known(domain.DynamicMax)}";

    private static string ReportOf(DomainStatus domain)
    {
        if (domain.ReportAge is { } age)
        {
            string source = Printable.Of(domain.ReportSource), verdict = Printable.Of(domain.ReportVerdict);
            return Invariant($"{source}, {age.TotalSeconds:0} s old at the last balancing pass: {verdict}");
        }

        return domain.ReportVerdict == EnumText.Of(ReportVerdict.Implausible)
            ? "none: the guest's report cannot be read"
            : "none: no agent in the guest has reported since xenballoond started";
    }

    private static string Known(KiB? size) => size?.ToString() ?? "-";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
