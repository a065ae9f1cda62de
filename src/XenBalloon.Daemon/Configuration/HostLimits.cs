using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>
/// Refuses sizes in the configuration that exceed the host's memory, which the file alone does not show.
/// </summary>
internal static class HostLimits
{
    /// <summary>Checks a configuration.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="total">The host's memory.</param>
    /// <exception cref="ConfigurationException">A size exceeds it; the message has a line for each error.</exception>
    internal static void Check(DaemonConfiguration configuration, KiB total)
    {
        if (Find(configuration, total) is { } fault) throw fault;
    }

    /// <summary>What a check refuses, with a line for each error; null if it refuses nothing.</summary>
    internal static ConfigurationException? Find(DaemonConfiguration configuration, KiB total)
    {
        string[] errors = [.. Faults(configuration.Balancer, total).Select(fault => $"{configuration.Path}: {fault}")];
        return errors.Length > 0 ? new ConfigurationException(string.Join('\n', errors)) : null;
    }

    private static IEnumerable<string> Faults(BalancerSettings settings, KiB total)
    {
        string host = $"this host's memory, {total}: lower it";
        KiB keepFree = settings.KeepFree ?? KiB.Zero;
        if (settings.Slack >= total) yield return $"slack {settings.Slack} is not below {host}";
        else if (keepFree >= total) yield return $"keep-free {keepFree} is not below {host}";
        else if (settings.Slack + keepFree >= total)
        {
            yield return $"slack {settings.Slack} and keep-free {keepFree} together are not below {host}";
        }

        IEnumerable<(string Title, DomainSettings Settings)> sections =
        [
            ("[defaults]", settings.Defaults),
            .. settings.Rules.Select(rule => ($"[domain \"{rule.Pattern}\"]", rule.Settings)),
        ];
        foreach ((string title, DomainSettings section) in sections)
        {
            foreach (DomainSetting setting in new[] { DomainSetting.Minimum, DomainSetting.Pin })
            {
                if (setting.Get(section) is not { } kib || new KiB(kib) <= total) continue;
                yield return $"{setting} {new KiB(kib)} in {title} is above {host}";
            }
        }
    }
}
