using System.Collections.Immutable;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Daemon.Loop;

/// <summary>
/// Gives every managed domain back what it booted with, over several passes. It ends when all have it, when nothing has
/// moved for a while, or when its time is over.
/// </summary>
/// <param name="limit">The longest time that it may take.</param>
internal sealed class Restoration(TimeSpan limit)
{
    /// <summary>
    /// Longer than any pause between two moves of memory that can be moved: an agent answers a request for a report
    /// within a tenth of a second, and a domain that waited for memory is left alone for 4 s.
    /// </summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A balloon that is at rest may be this far below its target: Linux's keeps up to 256 pages less (Xen's check for
    /// XSA-153).
    /// </summary>
    private static readonly KiB Tolerance = KiB.FromMiB(4);

    private readonly TaskCompletionSource<ImmutableArray<string>> completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan? startedAt, movedAt;

    /// <summary>The longest time that it may take.</summary>
    internal TimeSpan Limit => limit;

    /// <summary>Completes with the domains that have less than they booted with, each with its reason.</summary>
    internal Task<ImmutableArray<string>> Completion => completion.Task;

    /// <summary>Reads a pass; completes if nothing more is to be done.</summary>
    /// <returns>The domains that have less than they booted with; null if it continues.</returns>
    internal ImmutableArray<string>? Observe(Publication publication)
    {
        Plan plan = publication.Plan;
        startedAt ??= plan.At;
        if (plan.IsMoving || movedAt is null) movedAt = plan.At;
        ImmutableArray<string> missing = Missing(publication);
        bool isDone = missing.IsEmpty && !plan.IsMoving;
        bool isOver = isDone || plan.At - movedAt >= LongestPause || plan.At - startedAt >= limit;
        return isOver ? missing : null;
    }

    /// <summary>Answers those who wait for it.</summary>
    internal void Complete(ImmutableArray<string> missing) => completion.TrySetResult(missing);

    /// <summary>Ends it early.</summary>
    internal void Fail(Exception exception)
    {
        completion.TrySetException(exception);
        _ = completion.Task.Exception; // observed: at the daemon's stop, no caller waits
    }

    private static ImmutableArray<string> Missing(Publication publication) =>
    [
        .. from decision in publication.Plan.Domains
           where decision.Managed
           let goal = Goal(decision)
           where (decision.Domain.Target ?? KiB.Zero) < goal || decision.Domain.Actual + Tolerance < goal
           select Explain(decision, goal.Value, publication),
    ];

    /// <summary>What the domain booted with, as far as its static maximum allows it; null if that is unknown.</summary>
    private static KiB? Goal(DomainDecision decision)
    {
        if (decision.BootMemory is not { } boot) return null;
        KiB most = decision.Domain.StaticMax is { } all ? all - decision.Domain.VideoRam : boot;
        return KiB.Min(boot, most).FloorToPage();
    }

    private static string Explain(DomainDecision decision, KiB goal, Publication publication)
    {
        string name = decision.Domain.Name.Length > 0
            ? decision.Domain.Name
            : $"domain {decision.Domain.Identity.Domid}";
        string reason = decision.Reason.Explain(publication.Plan.Host, publication.Settings);
        string remedy = decision.Kind == ReasonKind.Overridden ? $"; see 'xenballoon unpin {name}'" : "";
        return $"{name}: {KiB.Min(decision.Domain.Actual, goal)} of {goal}: {reason}{remedy}";
    }
}
