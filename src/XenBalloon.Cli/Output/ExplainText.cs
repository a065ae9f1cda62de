using System.Globalization;
using XenBalloon.Bus.Client;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Output;

/// <summary>One domain in full, for a person.</summary>
internal static class ExplainText
{
    private const string Unreadable = "implausible";

    /// <param name="domain">The domain.</param>
    /// <param name="host">The host: where it is only looked on, what is planned is not done.</param>
    internal static IEnumerable<string> Of(DomainStatus domain, HostStatus host)
    {
        string name = domain.Name.Length == 0 ? "(no name)" : Printable.Of(domain.Name);
        yield return Invariant($"{name}, domain {domain.Domid}, {domain.Uuid}, {domain.State}");
        yield return $"  reason       {Printable.Of(domain.Reason)}";
        if (!host.IsActive) yield return $"  mode         {Printable.Of(host.Mode)}: nothing is written; target and reason are what would be";
        yield return $"  actual       {domain.Actual}, capped at {domain.MaxMem}";
        yield return $"  target       {Known(domain.Target)}";
        yield return $"  range        {Known(domain.DynamicMin)} to {Known(domain.DynamicMax)}; static-max {Known(domain.StaticMax)}";
        yield return $"  in use       {Known(domain.Hot)}; wants {Known(domain.Want)}; is hurt below {Known(domain.Floor)}";
        yield return Invariant($"  entitlement  {Known(domain.Entitlement)} with weight {domain.Weight}");
        yield return $"  pinned       {domain.Pinned?.ToString() ?? "no"}";
        yield return $"  settings     {(domain.SettingsFrom.Length == 0 ? "all as built in" : Printable.Of(domain.SettingsFrom))}";
        yield return $"  managed      {(domain.Managed ? "yes" : "no")}";
        yield return $"  balloon      {Printable.Of(domain.Health)}";
        yield return domain.ReportAge is { } age
            ? Invariant($"  report       {Printable.Of(domain.ReportSource)}, {age.TotalSeconds:0} s old at the last step: {Printable.Of(domain.ReportVerdict)}")
            : $"  report       none: {(domain.ReportVerdict == Unreadable ? "what the guest wrote cannot be read" : "no agent in the guest has written one since xenballoond listens")}";
    }

    private static string Known(KiB? size) => size?.ToString() ?? "-";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
