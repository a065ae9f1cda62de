using System.Collections.Immutable;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Judging;

/// <summary>Runs policies on the same inputs, seed by seed, and compares what became of them.</summary>
public static class Judge
{
    /// <summary>Runs and compares.</summary>
    /// <param name="scenario">A sound one.</param>
    /// <param name="options">What is compared.</param>
    /// <param name="onRunEnded">Told after each run how many have ended; one call at a time, from any thread.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static Judgement Run(Scenario scenario, JudgeOptions options, Action<int>? onRunEnded = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(options);
        TimeSpan duration = options.Duration ?? scenario.Duration;
        int count = options.Policies.Length * options.Seeds;
        var outcomes = new RunOutcome[count];
        var timelines = new TimelineRecorder[options.Policies.Length];
        var gate = new Lock();
        int ended = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellation };
        Parallel.For(0, count, parallel, number =>
        {
            // Every run has its place, so that who ran first does not matter.
            (int seed, int policy) = Math.DivRem(number, options.Policies.Length);
            TimelineRecorder? recorder = seed == 0 ? timelines[policy] = new TimelineRecorder(duration) : null;
            Scenario seeded = scenario with { Seed = options.FirstSeed + (ulong)seed };
            IMemoryPolicy inCharge = options.Policies[policy].Create(seeded);
            outcomes[(policy * options.Seeds) + seed] = SimulationRun.Run(seeded, inCharge, duration, recorder, cancellation);
            lock (gate) onRunEnded?.Invoke(++ended);
        });
        return new Judgement
        {
            Scenario = scenario,
            Duration = duration,
            FirstSeed = options.FirstSeed,
            Seeds = options.Seeds,
            Policies =
            [
                .. options.Policies.Select((policy, number) => new PolicyResult
                {
                    Policy = policy,
                    Runs = [.. outcomes.AsSpan(number * options.Seeds, options.Seeds)],
                    Timeline = timelines[number].Moments,
                }),
            ],
        };
    }
}

/// <summary>What is compared, and how thoroughly.</summary>
public sealed record JudgeOptions
{
    /// <summary>
    /// The first of the seeds by which policies are reported. Those from 1 to 1000 are for tuning: what was tuned on a seed may not be praised by it.
    /// </summary>
    public const ulong FirstReportingSeed = 1001;

    /// <summary>How many seeds are run, unless something else is said.</summary>
    public const int UsualSeeds = 30;

    /// <summary>The policies, in the order in which they are shown.</summary>
    public required ImmutableArray<PolicyEntry> Policies { get; init; }

    /// <summary>The first seed; the others follow it one by one. Each takes the place of the scenario's own.</summary>
    public ulong FirstSeed { get; init; } = FirstReportingSeed;

    /// <summary>How many seeds, 1 or more.</summary>
    public int Seeds { get; init; } = UsualSeeds;

    /// <summary>How long each run lasts; null for as long as the scenario says.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many runs go on at once, 1 or more; the outcome does not depend on it.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;
}
