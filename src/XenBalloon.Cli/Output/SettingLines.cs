using System.Globalization;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Output;

/// <summary>What holds for a domain, in one line, after something was set.</summary>
internal static class SettingLines
{
    internal static IEnumerable<string> Of(DomainStatus domain)
    {
        string name = domain.Name.Length == 0 ? "(no name)" : Printable.Of(domain.Name);
        string managed = domain.Managed ? "" : ", not managed", pinned = domain.Pinned is { } pin ? $", pinned to {pin}" : "";
        string from = domain.SettingsFrom.Length == 0 ? "" : $" ({Printable.Of(domain.SettingsFrom)})";
        string range = $"{domain.DynamicMin?.ToString() ?? "-"} to {domain.DynamicMax?.ToString() ?? "-"}";
        yield return string.Create(CultureInfo.InvariantCulture, $"{name}, domain {domain.Domid}: {range}, weight {domain.Weight}{pinned}{managed}{from}");
    }
}
