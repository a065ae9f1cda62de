using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Checked;

/// <summary>One domain, as the hypervisor holds it.</summary>
internal readonly record struct HypervisorDomain
{
    /// <summary>The first of the domids that Xen keeps for itself (DOMID_FIRST_RESERVED): idle, I/O, shared pages, and the like.</summary>
    public const int FirstReserved = 0x7FF0;

    /// <summary>Which domain.</summary>
    public required DomainIdentity Identity { get; init; }

    /// <summary>How it is virtualized.</summary>
    public DomainKind Kind { get; init; }

    /// <summary>Whether it is being destroyed.</summary>
    public bool Dying { get; init; }

    /// <summary>Whether the toolstack paused it.</summary>
    public bool Paused { get; init; }

    /// <summary>Why it shut down; null while it has not.</summary>
    public int? ShutdownReason { get; init; }

    /// <summary>What is allocated to it.</summary>
    public KiB Actual { get; init; }

    /// <summary>
    /// What is claimed for it and not allocated yet. With <see cref="Actual"/> it is what <c>xl list</c> shows, and with the host's free memory less claims,
    /// the sum is whole.
    /// </summary>
    public KiB Outstanding { get; init; }

    /// <summary>Its cap.</summary>
    public KiB MaxMem { get; init; }
}
