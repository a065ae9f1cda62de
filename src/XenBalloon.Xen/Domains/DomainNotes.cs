using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Domains;

/// <summary>What the toolstack and we wrote down of a domain and seldom change; read anew now and then.</summary>
/// <param name="ReadAt">When.</param>
/// <param name="VideoRam">Nothing where it is missing or no size, such as the "-1" of domains that Xen made at boot.</param>
/// <param name="BootMemory">XAPI's word, else ours.</param>
/// <param name="DynamicMin">XAPI's.</param>
/// <param name="DynamicMax">XAPI's.</param>
/// <param name="HasPassthrough">Whether a device is passed through to it.</param>
/// <param name="HasAgent">Whether our agent has left a record.</param>
/// <param name="HasQubesLeaf">Whether somebody has made its <c>memory/meminfo</c>.</param>
internal sealed record DomainNotes(
    TimeSpan ReadAt, KiB VideoRam, KiB? BootMemory, KiB? DynamicMin, KiB? DynamicMax, bool HasPassthrough, bool HasAgent, bool HasQubesLeaf);
