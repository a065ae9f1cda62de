using System.Collections.Immutable;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>Runs policies on the same inputs, seed by seed, and compares the results.</summary>
internal static class Judge
{
    /// <summary>Runs and compares policies.</summary>
    /// <param name="scenario">A valid scenario.</param>
    /// <param name="options">The options.</param>
    /// <param name="onRunFinished">
    /// Called after each run with the number of finished runs; one call at a time, from any thread.
    /// </param>
    /// <param name="cancellation">Cancels the runs.</param>
    /// <exception cref="OperationCanceledException">The runs were cancelled.</exception>
    public static Judgement Run(
        Scenario scenario, JudgeOptions options, Action<int>? onRunFinished = null,
        CancellationToken cancellation = default)
    {
        TimeSpan duration = options.Duration ?? scenario.Duration;
        int count = options.Policies.Length * options.Seeds;
        var outcomes = new RunOutcome[count];
        var timelines = new TimelineRecorder[options.Policies.Length];
        var gate = new Lock();
        int finished = 0;
        var parallel =
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellation };
        Parallel.For(0, count, parallel, number =>
        {
            // Every run has a fixed index, so that the order of execution does not matter.
            (int seed, int policy) = Math.DivRem(number, options.Policies.Length);
            TimelineRecorder? recorder = seed == 0 ? timelines[policy] = new TimelineRecorder(duration) : null;
            Scenario seeded = scenario with { Seed = options.FirstSeed + (ulong)seed };
            IMemoryPolicy memoryPolicy = options.Policies[policy].Create(seeded);
            outcomes[(policy * options.Seeds) + seed] =
                SimulationRun.Run(seeded, memoryPolicy, duration, recorder, cancellation);
            lock (gate) onRunFinished?.Invoke(++finished);
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

/// <summary>The options of a comparison.</summary>
internal sealed record JudgeOptions
{
    /// <summary>
    /// The first seed for reported results. Seeds 1 to 1000 are for tuning: results on them do not count for policies
    /// tuned on them.
    /// </summary>
    public const ulong FirstReportingSeed = 1001;

    /// <summary>The default number of seeds.</summary>
    public const int DefaultSeeds = 30;

    /// <summary>The policies, in display order.</summary>
    public required ImmutableArray<PolicyEntry> Policies { get; init; }

    /// <summary>The first seed; the others follow it. Each replaces the scenario's own seed.</summary>
    public ulong FirstSeed { get; init; } = FirstReportingSeed;

    /// <summary>The number of seeds, 1 or more.</summary>
    public int Seeds { get; init; } = DefaultSeeds;

    /// <summary>The length of each run; null for the scenario's duration.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The number of parallel runs, 1 or more; the results do not depend on it.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;
}
