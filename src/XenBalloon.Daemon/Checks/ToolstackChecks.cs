using XenBalloon.Daemon.Dom0;

namespace XenBalloon.Daemon.Checks;

/// <summary>Other programs that move memory, and the ways in which domains are started.</summary>
internal static class ToolstackChecks
{
    private const string Libxl = "/etc/libvirt/libxl.conf";

    private static readonly string[] LibvirtPrograms = ["libvirtd", "virtxend"];

    /// <summary>Other balancers: a finding for each.</summary>
    internal static IEnumerable<Finding> Balancers(HostFacts facts)
    {
        Finding[] found =
        [
            .. from program in facts.Programs
               let service = ServiceOf(program.Name)
               where service is not null
               select new Finding(
                   FindingId.Balancers,
                   facts.IsActive ? Verdict.Error : Verdict.Warning,
                   $"{program.Name} (process {program.Pid})",
                   "moves the memory of the same domains",
                   $"run only one of the two: 'systemctl disable --now {service}', or mode observe"),
        ];
        return found.Length > 0
            ? found
            : [new(FindingId.Balancers, Verdict.Ok, "other balancers", "none runs")];
    }

    /// <summary>libvirt, if it runs and manages Xen.</summary>
    internal static IEnumerable<Finding> Libvirt(HostFacts facts)
    {
        bool runs = facts.Programs.Any(program => LibvirtPrograms.Contains(program.Name));
        if (!runs || facts.Toolstack.LibvirtConfiguration is not { } configuration) yield break;
        yield return LibvirtAutoballoon(facts, configuration);
        yield return facts.Toolstack.HasLibvirtHook
            ? new(FindingId.LibvirtHook, Verdict.Ok, "libvirt", "reserves memory for the domains that it starts")
            : new(
                FindingId.LibvirtHook,
                Verdict.Note,
                "libvirt",
                "starts domains without reserving memory",
                "run 'make install-xl', and restart libvirt");
    }

    /// <summary>The wrapper of xl.</summary>
    internal static Finding XlWrapper(HostFacts facts) => facts.Toolstack switch
    {
        { Xl: null } => new(FindingId.XlWrapper, Verdict.Note, "xl", "not in PATH"),
        { IsWrapper: true, Xl: var xl } =>
            new(FindingId.XlWrapper, Verdict.Ok, xl, "starts domains through 'xenballoon run'"),
        { Xl: var xl } => new(
            FindingId.XlWrapper,
            Verdict.Note,
            xl,
            "starts domains without reserving memory",
            "use 'xenballoon run', or 'make install-xl' and 'ln -s /usr/lib/xenballoon/xl/xl /usr/local/sbin/xl'"),
    };

    /// <summary>The domains that are started at boot.</summary>
    internal static Finding Xendomains(HostFacts facts) => facts.Toolstack.HasXendomains
        ? new(FindingId.Xendomains, Verdict.Ok, "xendomains", "starts domains through 'xenballoon run'")
        : new(
            FindingId.Xendomains,
            Verdict.Note,
            "xendomains",
            "starts domains without reserving memory",
            "run 'make install-xl'");

    /// <summary>
    /// The service of a balancer; null for other programs. XAPI's xcp-rrdd-squeezed only collects statistics.
    /// </summary>
    private static string? ServiceOf(string program) => program switch
    {
        "squeezed" => "squeezed",
        "qmemmand" or "qmemman_daemon.py" or "qubes-qmemman" => "qubes-qmemman",
        _ => null,
    };

    private static Finding LibvirtAutoballoon(HostFacts facts, string configuration)
    {
        const string Remedy = $"set autoballoon = 0 in {Libxl}, or add dom0_mem=SIZE,max:SIZE to Xen's command line";
        bool? isOn = LibvirtSetting(configuration);
        string cause = $"autoballoon in {Libxl}";
        if (isOn is null && facts.Dom0.XenCommandLine is { } commandLine)
        {
            isOn = !DomainZeroMemory.IsKnownToLibvirt(commandLine);
            cause = isOn.Value ? "it understands no dom0_mem on Xen's command line" : "dom0_mem on Xen's command line";
        }

        Finding Of(Verdict verdict, string text, string? remedy = null) =>
            new(FindingId.LibvirtAutoballoon, verdict, "libvirt", text, remedy);
        return isOn switch
        {
            null => Of(
                Verdict.Note, "whether it may shrink dom0 is unknown: Xen's command line cannot be read", Remedy),
            false => Of(Verdict.Ok, $"leaves dom0 alone: {cause}"),
            _ when facts.Configuration.AllowAutoballoon =>
                Of(Verdict.Note, $"may shrink dom0, as allow-autoballoon allows: {cause}"),
            _ => Of(Verdict.Warning, $"may shrink dom0 while memory is balanced: {cause}", Remedy),
        };
    }

    /// <summary>The value of <c>autoballoon</c> in libvirt's configuration; null if it is not set.</summary>
    private static bool? LibvirtSetting(string configuration)
    {
        bool? found = null;
        foreach (string line in configuration.Split('\n'))
        {
            string[] parts = line.Split('#')[0].Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts is ["autoballoon", "0" or "1"]) found = parts[1] == "1";
        }

        return found;
    }
}
