using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

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
