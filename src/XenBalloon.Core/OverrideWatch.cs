using XenBalloon.Core.Memory;

namespace XenBalloon.Core;

/// <summary>Tells a target that somebody else wrote from those that we did: <c>xl mem-set</c> is an operator's word.</summary>
internal sealed class OverrideWatch
{
    private KiB? seen;
    private KiB? decided;

    /// <summary>The last target that somebody else wrote since we know the domain; null when nobody did.</summary>
    internal KiB? Value { get; private set; }

    /// <summary>Takes the target as it is now. The first one is the toolstack's, and one that was decided may or may not have been written.</summary>
    /// <param name="target">The target; null where the domain has none.</param>
    /// <param name="counts">Whether one that somebody else wrote is a word against ours.</param>
    internal void Observe(KiB? target, bool counts)
    {
        if (counts && seen is not null && target is not null && target != seen && target != decided) Value = target;
        seen = target;
    }

    /// <summary>Takes up what was known of it before the daemon's start.</summary>
    internal void Restore(KiB value) => Value = value;

    /// <summary>The word counts no more.</summary>
    internal void Forget() => Value = null;

    /// <summary>This target is to be written now.</summary>
    internal void OnDecided(KiB target) => decided = target;
}
