using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Running;

/// <summary>What <c>xenballoon run</c> was told.</summary>
/// <param name="Command">The command and its arguments.</param>
/// <param name="Need">How much memory it takes; null to find that out.</param>
/// <param name="For">The name or UUID of the domain that it starts; null to find that out.</param>
/// <param name="Within">In which time the memory must be free.</param>
internal sealed record RunOptions(IReadOnlyList<string> Command, KiB? Need, string? For, TimeSpan Within);
