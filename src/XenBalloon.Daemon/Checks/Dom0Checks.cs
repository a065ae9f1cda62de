using XenBalloon.Daemon.Dom0;

namespace XenBalloon.Daemon.Checks;

/// <summary>Whether dom0's memory stays as it is.</summary>
internal static class Dom0Checks
{
    private const string Dom0 = "dom0";

    /// <summary>xl's configuration: xl exits if it is invalid.</summary>
    internal static Finding XlSettings(HostFacts facts)
    {
        const string Path = Dom0Facts.XlConfigurationPath;
        if (facts.Dom0.XlConfiguration is not { } text)
        {
            return new(FindingId.XlConfiguration, Verdict.Note, Path, "cannot be read: xl uses its defaults");
        }

        XlConfiguration configuration = XlConfiguration.Parse(text);
        if (configuration.Fault is { } fault)
        {
            string remedy = "correct it: no command of xl works until then";
            return new(FindingId.XlConfiguration, Verdict.Error, Path, fault, remedy);
        }

        return Autoballoon.UnknownValue(configuration) is { } value
            ? new(
                FindingId.XlConfiguration,
                Verdict.Warning,
                Path,
                $"xl does not know autoballoon=\"{value}\", and uses \"auto\"",
                "write \"off\", \"on\" or \"auto\"")
            : new(FindingId.XlConfiguration, Verdict.Ok, Path, "valid");
    }

    /// <summary>Whether xl shrinks dom0 to start a domain.</summary>
    internal static Finding XlAutoballoon(HostFacts facts)
    {
        Autoballoon rule = Autoballoon.Of(facts.Dom0);
        bool allowed = facts.Configuration.AllowAutoballoon;
        return rule.State switch
        {
            AutoballoonState.Off => new(FindingId.Autoballoon, Verdict.Ok, "xl", $"leaves dom0 alone: {rule.Cause}"),
            AutoballoonState.Unknown => new(
                FindingId.Autoballoon,
                Verdict.Note,
                "xl",
                $"whether it may shrink dom0 is unknown: {rule.Cause}",
                "set autoballoon=\"off\" in " + Dom0Facts.XlConfigurationPath),
            _ when allowed => new(
                FindingId.Autoballoon,
                Verdict.Note,
                "xl",
                $"may shrink dom0, as allow-autoballoon allows: {rule.Cause}"),
            _ => new(
                FindingId.Autoballoon,
                facts.IsActive ? Verdict.Error : Verdict.Warning,
                "xl",
                $"may shrink dom0, so mode active is refused: {rule.Cause}",
                Autoballoon.Remedy),
        };
    }

    /// <summary>How much memory dom0 has: it is never moved.</summary>
    internal static IEnumerable<Finding> Memory(HostFacts facts)
    {
        if (facts.Domains.Snapshot is not { } host) yield break;
        if (host.Domains.FirstOrDefault(domain => domain.Identity.IsDom0) is not { } dom0) yield break;
        string text = $"has {dom0.Actual} of the host's {host.Total}, which is never moved";
        yield return dom0.Actual + dom0.Actual > host.Total
            ? new(
                FindingId.Dom0Memory,
                Verdict.Warning,
                Dom0,
                text,
                "give it less with dom0_mem=SIZE,max:SIZE on Xen's command line")
            : new(FindingId.Dom0Memory, Verdict.Ok, Dom0, text);
    }
}
