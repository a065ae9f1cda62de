using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Checked;

/// <summary>What a domain populates on demand.</summary>
/// <param name="Cache">Allocated to the domain and kept for what it touches first. The hypervisor counts it as the domain's already.</param>
/// <param name="Entries">The part of the domain's address space that has no memory behind it until it is touched.</param>
internal readonly record struct HypervisorPod(KiB Cache, KiB Entries);
