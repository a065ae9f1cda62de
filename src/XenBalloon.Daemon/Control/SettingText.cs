using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Control;

/// <summary>What was said of a domain, for the log.</summary>
internal static class SettingText
{
    private const string AsConfigured = "as configured";

    internal static string Of(DomainSetting setting, DomainSettings said) => setting switch
    {
        DomainSetting.Range => $"{said.Minimum?.ToString() ?? AsConfigured} to {said.Maximum?.ToString() ?? AsConfigured}",
        DomainSetting.Minimum => said.Minimum?.ToString() ?? AsConfigured,
        DomainSetting.Maximum => said.Maximum?.ToString() ?? AsConfigured,
        DomainSetting.Weight => said.Weight is { } weight ? $"{weight}" : AsConfigured,
        DomainSetting.Pin => said.Pin?.ToString() ?? AsConfigured,
        _ => said.Managed is { } managed ? (managed ? "yes" : "no") : AsConfigured,
    };
}
