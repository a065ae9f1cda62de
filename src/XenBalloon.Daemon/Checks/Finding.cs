using System.Collections.Immutable;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Loop;

namespace XenBalloon.Daemon.Checks;

/// <summary>How a finding affects the balancing.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Worth knowing; nothing has to be done.</summary>
    Note,

    /// <summary>Memory is balanced, but less well or less safely than it could be.</summary>
    Warning,

    /// <summary>The daemon does not start, or must not move memory.</summary>
    Error,
}

/// <summary>
/// What a finding is about. Its text is part of the interface, listed in xenballoond(8): it never changes and is never
/// used again for something else.
/// </summary>
internal enum FindingId
{
    /// <summary>The configuration file.</summary>
    Configuration,

    /// <summary>The user that runs the check.</summary>
    User,

    /// <summary>Xen, and that this is dom0.</summary>
    Xen,

    /// <summary>The shim and the connection to the hypervisor.</summary>
    Hypervisor,

    /// <summary>libxenstore and the connection to xenstored.</summary>
    Xenstore,

    /// <summary>The system bus.</summary>
    Bus,

    /// <summary>The permission to own the bus name.</summary>
    BusPolicy,

    /// <summary>The daemon, if it runs.</summary>
    Daemon,

    /// <summary>The state directory and its file.</summary>
    State,

    /// <summary>xl's configuration file.</summary>
    XlConfiguration,

    /// <summary>Whether xl shrinks dom0.</summary>
    Autoballoon,

    /// <summary>dom0's memory.</summary>
    Dom0Memory,

    /// <summary>Other programs that move the memory of domains.</summary>
    Balancers,

    /// <summary>Whether libvirt shrinks dom0.</summary>
    LibvirtAutoballoon,

    /// <summary>The hook of libvirt.</summary>
    LibvirtHook,

    /// <summary>The wrapper of xl.</summary>
    XlWrapper,

    /// <summary>The wrapper of xl for domains that are started at boot.</summary>
    Xendomains,

    /// <summary>The list of guests.</summary>
    Guests,

    /// <summary>The reports of a guest.</summary>
    GuestReport,

    /// <summary>The range of a guest.</summary>
    GuestRange,

    /// <summary>A device that is assigned to a guest.</summary>
    GuestDevice,

    /// <summary>A feature with which a guest could not be created again with less memory.</summary>
    GuestFeature,
}

/// <summary>What a check found.</summary>
/// <param name="Id">What it is about.</param>
/// <param name="Verdict">How it affects the balancing.</param>
/// <param name="Subject">The file, program or domain.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">What to do; null if there is nothing to do, or if the text says it.</param>
internal sealed record Finding(FindingId Id, Verdict Verdict, string Subject, string Text, string? Remedy = null)
{
    /// <summary>The exit status of the check if this is its first error.</summary>
    internal ExitStatus Status { get; init; } = ExitStatus.CheckFailed;

    /// <summary>An error from a message of the program: what is wrong, and after a semicolon what to do.</summary>
    internal static Finding Error(FindingId id, string subject, string message, ExitStatus status)
    {
        string[] parts = message.Split("; ", 2);
        string? remedy = parts.Length > 1 ? parts[1] : null;
        return new Finding(id, Verdict.Error, subject, parts[0], remedy) { Status = status };
    }
}

/// <summary>The findings of a check, as it prints them.</summary>
/// <param name="findings">In the order of <see cref="FindingId"/>.</param>
internal sealed class CheckReport(ImmutableArray<Finding> findings)
{
    private static readonly int
        VerdictWidth = EnumText.All<Verdict>().Max(text => text.Length),
        IdWidth = EnumText.All<FindingId>().Max(text => text.Length);

    /// <summary>The status of the first error; ok if there is none.</summary>
    internal ExitStatus ExitStatus =>
        findings.FirstOrDefault(finding => finding.Verdict == Verdict.Error)?.Status ?? ExitStatus.Ok;

    /// <summary>A line for each finding: verdict, id, subject and text, remedy.</summary>
    internal string ToText() => string.Join('\n', findings.Select(Line));

    /// <summary>An array of all findings.</summary>
    internal string ToJson() => FindingJson.Write(findings);

    private static string Line(Finding finding)
    {
        string verdict = EnumText.Of(finding.Verdict).PadRight(VerdictWidth);
        string id = EnumText.Of(finding.Id).PadRight(IdWidth);
        string remedy = finding.Remedy is null ? "" : $"; {finding.Remedy}";
        return Printable($"{verdict}  {id}  {finding.Subject}: {finding.Text}{remedy}");
    }

    /// <summary>Names of domains and programs may contain anything, and a finding is one line.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
}
