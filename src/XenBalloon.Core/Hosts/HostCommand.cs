using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>One change of one domain's memory, to be carried out only if the domain is still the same one.</summary>
/// <param name="Kind">What to change.</param>
/// <param name="Domain">Whose.</param>
/// <param name="Value">To what; zero where there is nothing to set.</param>
/// <param name="ExpectedTarget">
/// For a target: the one that the decision rests on. Should another be found there, it is someone else's word (<c>xl mem-set</c>), and nothing is
/// written. Null to write over whatever is there.
/// </param>
public readonly record struct HostCommand(HostCommandKind Kind, DomainIdentity Domain, KiB Value, KiB? ExpectedTarget = null);
