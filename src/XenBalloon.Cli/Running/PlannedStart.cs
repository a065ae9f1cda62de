using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Running;

/// <summary>What a command is going to start, as far as memory goes.</summary>
/// <param name="Need">What must be free for it.</param>
/// <param name="For">The name or UUID of the domain; empty where that is not known.</param>
/// <param name="IsIncoming">Whether it comes from a host where it is still running, which may be this one.</param>
internal sealed record PlannedStart(KiB Need, string For, bool IsIncoming = false)
{
    /// <summary>What a domain needs by its configuration, where the options do not say something else.</summary>
    internal static PlannedStart Of(DomainConfiguration domain, RunOptions options) => new(options.Need ?? MemoryNeed.Of(domain).Total, options.For ?? domain.Name);
}
