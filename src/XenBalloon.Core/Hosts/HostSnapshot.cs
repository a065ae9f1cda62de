using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>The whole host at one moment: everything that a decision may rest on.</summary>
public sealed record HostSnapshot
{
    /// <summary>When it was taken, on a clock that never jumps; only differences mean something.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>The machine's memory.</summary>
    public required KiB Total { get; init; }

    /// <summary>Memory that can be given out: the hypervisor's free pages less outstanding claims (<c>free_pages</c> does not subtract those).</summary>
    public required KiB Free { get; init; }

    /// <summary>The domains in ascending order of domid, dom0 and dying ones included, each domid once.</summary>
    public required ImmutableArray<DomainSnapshot> Domains { get; init; }
}
