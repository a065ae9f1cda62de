using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>The keys of the sections <c>[defaults]</c> and <c>[domain "…"]</c>.</summary>
internal static class DomainKeys
{
    private const string Known = "min, max, weight, pin, managed, qubes-reports";

    private const int LeastWeight = 1, MostWeight = 10_000;

    /// <summary>Reads a whole section.</summary>
    internal static DomainSettings Read(string section, IEnumerable<ConfigurationKey> keys, List<string> errors)
    {
        DomainSettings settings = DomainSettings.None;
        foreach (ConfigurationKey key in keys)
        {
            if (key.Is("min")) settings = settings with { Minimum = KeyValues.Size(key, errors) };
            else if (key.Is("max")) settings = settings with { Maximum = KeyValues.Size(key, errors) };
            else if (key.Is("weight")) settings = settings with { Weight = KeyValues.Whole(key, LeastWeight, MostWeight, errors) };
            else if (key.Is("pin")) settings = settings with { Pin = KeyValues.Size(key, errors) };
            else if (key.Is("managed")) settings = settings with { Managed = KeyValues.YesNo(key, errors) };
            else if (key.Is("qubes-reports")) settings = settings with { QubesReports = KeyValues.YesNo(key, errors) };
            else errors.Add($"{key}: unknown key; there are {Known}");
        }

        if (settings is { Minimum: { } minimum, Maximum: { } maximum } && minimum > maximum)
        {
            errors.Add($"[{section}] min: {minimum} is more than max, {maximum}");
        }

        return settings;
    }
}
