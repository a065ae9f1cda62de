namespace XenBalloon.Core.Hosts;

/// <summary>What a <see cref="HostCommand"/> changes.</summary>
public enum HostCommandKind
{
    /// <summary>Writes <c>memory/target</c>: the guest's balloon driver moves towards it.</summary>
    SetTarget,

    /// <summary>Sets the hypervisor's cap.</summary>
    SetMaxMem,

    /// <summary>Sets the populate-on-demand target, for domains that are not PV; without effect once nothing is left to populate.</summary>
    SetPodTarget,

    /// <summary>Asks the guest's agent for a report of now; without effect where it is not ours. Has no value.</summary>
    RequestReport,

    /// <summary>Makes <c>memory/meminfo</c>, writable by the guest, where there is none. Has no value.</summary>
    AdmitQubesReports,
}
