namespace XenBalloon.RigBenchmarks;

/// <summary>Computes the figures of a scenario from its traces, in comparison with runs without the daemon.</summary>
internal sealed class Evaluation(string kind, IReadOnlyDictionary<Run, Trace> traces)
{
    // Available memory up to this amount does not count as idle: every kernel needs some.
    private const long IdleMarginKiB = 32 * 1024;

    private const int StepMilliseconds = 100;

    public IEnumerable<Figures> All() =>
        traces.SelectMany(t =>
        {
            var simulated = Simulated.Of(t.Key, t.Value);
            return Enumerable.Range(0, t.Key.Phases.Count).Select(phase => Of(t.Key, t.Value, phase, simulated));
        });

    private Figures Of(Run run, Trace trace, int phase, Simulated? simulated)
    {
        var ceiling = Of(Mover.Ceiling, run, phase);
        var byHand = Of(Mover.ByHand, run, phase);
        var unmoved = Of(Mover.Static, run, phase);
        var here = new PhaseTrace(run, trace, phase);
        var first = trace.Guests.Select(g => g.TargetWritten(here.Start)).Min();
        (double Short, double Idle)? lack = ceiling is null ? null : Lack(here, ceiling);
        var hot = here.HotGuests.ToList();
        var others = trace.Guests.Except(hot).ToList();
        var work = here.Work(0, here.Length);
        var later = here.Work(run.UninformedMilliseconds, here.Length);
        return new Figures
        {
            Kind = kind,
            Scenario = run.Scenario.Name,
            Mover = run.Mover.ToString(),
            Reports = run.Reports.ToString(),
            Phase = phase + 1,
            Seconds = here.Length / 1000.0,
            Work = work,
            OfCeiling = 100 * work / ceiling?.Work(0, here.Length),
            OfCeilingLater = 100 * later / ceiling?.Work(run.UninformedMilliseconds, here.Length),
            OfByHand = 100 * work / byHand?.Work(0, here.Length),
            OfStatic = 100 * work / unmoved?.Work(0, here.Length),
            FirstReport = (hot.Select(g => g.Reported(here.Start)).Min() - here.Start) / 1000.0,
            FirstTarget = first < here.End ? (first - here.Start) / 1000.0 : null,
            Delivered = ceiling is null ? null : Delivered(here, ceiling, Needed(here, ceiling)),
            DeliveredByHand = ceiling is null || byHand is null ? null : Delivered(byHand, ceiling, byHand.Start),
            LeastAvailableMiB = here.Moments(StepMilliseconds).Min(at => hot.Min(g => g.Stats(at).AvailableKiB)) / 1024,
            ShortMiBSeconds = lack?.Short,
            Hoarded = lack is { Short: > 0 } l ? 100 * l.Idle / l.Short : null,
            HeldMiB = here.Moments(StepMilliseconds).Average(at => hot.Average(g => g.HeldKiB(at))) / 1024,
            SimulatedOfCeiling = simulated?.OfCeiling(phase),
            SimulatedHeldMiB = simulated?.HeldMiB(phase),
            HotSwapIns = hot.Sum(g => here.Increase(g, s => s.SwapIns)),
            HotSwapOuts = hot.Sum(g => here.Increase(g, s => s.SwapOuts)),
            OtherSwapIns = others.Sum(g => here.Increase(g, s => s.SwapIns)),
            OtherSwapOuts = others.Sum(g => here.Increase(g, s => s.SwapOuts)),
            OomKills = trace.Guests.Sum(g => here.Increase(g, s => s.OomKills)),
            Deaths = trace.Deaths,
            DaemonSeconds = trace.DaemonSeconds(phase),
            Started = run.Scenario.StartMiB is null || phase > 0 ? null : (trace.Created - here.Start) / 1000.0,
        };
    }

    private PhaseTrace? Of(Mover mover, Run run, int phase)
    {
        var there = traces.Keys.FirstOrDefault(r => r.Mover == mover);
        return there is null ? null : new PhaseTrace(there, traces[there], there.IsFirstPhaseEnough ? 0 : phase);
    }

    /// <summary>When a hot guest began to need more than it held, judged by its use in the ceiling run.</summary>
    private static long Needed(PhaseTrace here, PhaseTrace ceiling)
    {
        var first = here.HotGuests.Zip(ceiling.HotGuests).Min(g =>
        {
            var had = g.First.HeldKiB(here.Start);
            return ceiling.Moments(StepMilliseconds).FirstOrDefault(at => g.Second.UsedKiB(at) > had, ceiling.End);
        });
        return here.Start + (first - ceiling.Start);
    }

    /// <summary>
    /// Seconds from then until each hot guest had got 90 % of the difference between what it held and its maximum use
    /// in the ceiling run.
    /// </summary>
    private static double? Delivered(PhaseTrace here, PhaseTrace ceiling, long from)
    {
        var last = from;
        foreach (var (guest, best) in here.HotGuests.Zip(ceiling.HotGuests))
        {
            var had = guest.HeldKiB(here.Start);
            var needed = ceiling.Moments(StepMilliseconds).Max(best.UsedKiB);
            if (guest.Holds(here.Start, had + Math.Max(0, needed - had) * 9 / 10) is not { } at || at >= here.End)
                return null;
            last = Math.Max(last, at);
        }
        return (last - from) / 1000.0;
    }

    /// <summary>The shortage in MiB times seconds, and the part of it that was free or idle elsewhere.</summary>
    private static (double Short, double Idle) Lack(PhaseTrace here, PhaseTrace ceiling)
    {
        double lacking = 0, idle = 0;
        foreach (var at in here.Moments(StepMilliseconds))
        {
            var then = Math.Min(ceiling.Start + (at - here.Start), ceiling.End);
            var lack = here.HotGuests.Zip(ceiling.HotGuests)
                .Sum(g => Math.Max(0, g.Second.UsedKiB(then) - g.First.HeldKiB(at)));
            var spare = Math.Max(0, here.Trace.FreeKiB(at) - Scenarios.SlackMiB * 1024)
                + here.Trace.Guests.Except(here.HotGuests)
                    .Sum(g => Math.Max(0, g.Stats(at).AvailableKiB - IdleMarginKiB));
            lacking += lack;
            idle += Math.Min(lack, spare);
        }
        const double ToMiBSeconds = StepMilliseconds / 1000.0 / 1024;
        return (lacking * ToMiBSeconds, idle * ToMiBSeconds);
    }
}
