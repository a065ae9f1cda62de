using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Xen;

namespace XenBalloon.Daemon.Checks;

/// <summary>What the checks judge: everything that was read of this host.</summary>
internal sealed record HostFacts
{
    /// <summary>The configuration file.</summary>
    internal required string ConfigurationPath { get; init; }

    /// <summary>Its content; the defaults if it is invalid.</summary>
    internal DaemonConfiguration Configuration { get; init; } = new();

    /// <summary>What is wrong with it; null if it is valid.</summary>
    internal ConfigurationException? ConfigurationFault { get; init; }

    /// <summary>The effective user of this process; 0 is root.</summary>
    internal required uint UserId { get; init; }

    /// <summary>The parts of Xen.</summary>
    internal required XenParts Xen { get; init; }

    /// <summary>The domains.</summary>
    internal required DomainFacts Domains { get; init; }

    /// <summary>The system bus and the daemon on it.</summary>
    internal required BusFacts Bus { get; init; }

    /// <summary>The state directory.</summary>
    internal required StateFacts State { get; init; }

    /// <summary>What decides whether xl shrinks dom0.</summary>
    internal required Dom0Facts Dom0 { get; init; }

    /// <summary>The toolstacks.</summary>
    internal required ToolstackFacts Toolstack { get; init; }

    /// <summary>The running programs: process id and name.</summary>
    internal required ImmutableArray<(int Pid, string Name)> Programs { get; init; }

    /// <summary>Whether the configuration has the daemon move memory.</summary>
    internal bool IsActive => Configuration.Mode == BalancerMode.Active;
}

/// <summary>The domains.</summary>
/// <param name="Snapshot">The host; null if it cannot be read.</param>
/// <param name="Fault">Why it cannot be read; null if it can, or if a part of Xen is the reason.</param>
/// <param name="XenServerDomids">The domains in which an agent of XenServer has reported.</param>
internal sealed record DomainFacts(HostSnapshot? Snapshot, string? Fault, ImmutableHashSet<int> XenServerDomids)
{
    /// <summary>Xen cannot be opened.</summary>
    internal static DomainFacts None { get; } = new(null, null, []);
}

/// <summary>The system bus.</summary>
/// <param name="Fault">Why it cannot be reached; null if it can.</param>
/// <param name="Daemon">What the daemon publishes; null if it does not run.</param>
/// <param name="HasPolicy">Whether the file is installed that lets root own the daemon's name.</param>
internal sealed record BusFacts(string? Fault, DaemonFacts? Daemon, bool HasPolicy);

/// <summary>What the daemon publishes, in the texts of the bus.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Mode">Its mode.</param>
/// <param name="ModeReason">Why the mode is not the requested one; empty if it is.</param>
/// <param name="Alarm">Its alarm.</param>
/// <param name="ReportVerdicts">What it thinks of the report of each domain, by domid.</param>
internal sealed record DaemonFacts(
    string Version, string Mode, string ModeReason, string Alarm, ImmutableDictionary<int, string> ReportVerdicts);

/// <summary>The state directory.</summary>
/// <param name="Directory">Its path.</param>
/// <param name="Exists">Whether it exists.</param>
/// <param name="WriteFault">Why it cannot be written; null if it can.</param>
/// <param name="FileFault">Why the state file in it cannot be read; null if it can, or if there is none.</param>
internal sealed record StateFacts(string Directory, bool Exists, string? WriteFault, string? FileFault);

/// <summary>How domains are started.</summary>
/// <param name="Xl">The first xl in the search path; null if there is none.</param>
/// <param name="IsWrapper">Whether that is our wrapper.</param>
/// <param name="HasXendomains">Whether xendomains uses the wrapper.</param>
/// <param name="LibvirtConfiguration">The text of libvirt's <c>libxl.conf</c>; null if there is none.</param>
/// <param name="HasLibvirtHook">Whether our hook of libvirt is installed.</param>
internal sealed record ToolstackFacts(
    string? Xl, bool IsWrapper, bool HasXendomains, string? LibvirtConfiguration, bool HasLibvirtHook);
