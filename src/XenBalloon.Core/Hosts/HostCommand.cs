using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>What a <see cref="HostCommand"/> does.</summary>
public enum HostCommandKind
{
    /// <summary>Writes <c>memory/target</c>: the guest's balloon driver moves towards it.</summary>
    SetTarget,

    /// <summary>Sets the hypervisor's cap.</summary>
    SetMaxMem,

    /// <summary>
    /// Sets the populate-on-demand target of a domain that is not PV; without effect once all memory is populated.
    /// </summary>
    SetPodTarget,

    /// <summary>
    /// Requests a report from the guest's agent now; without effect on other agents than ours. Has no value.
    /// </summary>
    RequestReport,

    /// <summary>Creates <c>memory/meminfo</c>, writable by the guest, if it does not exist. Has no value.</summary>
    AdmitQubesReports,
}

/// <summary>One change to a domain's memory, to be carried out only if the domain is still the same.</summary>
/// <param name="Kind">What to change.</param>
/// <param name="Domain">The domain.</param>
/// <param name="Value">The new value; zero for a kind without a value.</param>
/// <param name="ExpectedTarget">
/// For a target: the present target that the decision rests on. If another tool has set a different one
/// (<c>xl mem-set</c>), nothing is written. Null to overwrite any target.
/// </param>
/// <param name="BootMemory">
/// For a target: the domain's boot memory, which is recorded in xenstore beside the target if nothing is recorded yet.
/// Null to record the present target.
/// </param>
public readonly record struct HostCommand(
    HostCommandKind Kind, DomainIdentity Domain, KiB Value, KiB? ExpectedTarget = null, KiB? BootMemory = null);

/// <summary>
/// The result of a command. All of these are expected; a lost connection is thrown as
/// <see cref="HostLostException"/>.
/// </summary>
public enum CommandStatus
{
    /// <summary>Carried out.</summary>
    Done,

    /// <summary>The domain is gone or dying, or another domain has its domid: nothing was written.</summary>
    DomainGone,

    /// <summary>xenstore or the hypervisor refused, or was busy during all retries: nothing was written.</summary>
    Refused,
}

/// <summary>The result of a command, and why it was refused.</summary>
/// <param name="Status">The result.</param>
/// <param name="Detail">The host's message, for the log; null if done.</param>
public readonly record struct CommandOutcome(CommandStatus Status, string? Detail = null)
{
    /// <summary>Carried out.</summary>
    public static CommandOutcome Done => new(CommandStatus.Done);
}
