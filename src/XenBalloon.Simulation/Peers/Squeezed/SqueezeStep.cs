using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>One look of a call of squeezed.</summary>
/// <param name="Outcome">Where the call stands.</param>
/// <param name="Sizes">The target and the cap of every domain, whether new or not, in ascending order of id.</param>
/// <param name="Refusers">The domains that are to blame.</param>
internal readonly record struct SqueezeStep(SqueezeOutcome Outcome, ImmutableArray<(int Id, KiB Size)> Sizes, ImmutableArray<int> Refusers);
