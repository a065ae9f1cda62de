using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>One change of one domain's memory, to be carried out only if the domain is still the same one.</summary>
/// <param name="Kind">What to change.</param>
/// <param name="Domain">Whose.</param>
/// <param name="Value">To what.</param>
public readonly record struct HostCommand(HostCommandKind Kind, DomainIdentity Domain, KiB Value);
