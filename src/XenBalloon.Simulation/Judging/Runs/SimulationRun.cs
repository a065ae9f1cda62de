using XenBalloon.Core.Hosts;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Esx;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>
/// Puts a policy in charge of a simulated machine, in virtual time and on one thread: the same scenario and policy give the same run. The policy is asked
/// when the daemon's loop would ask it.
/// </summary>
public sealed class SimulationRun
{
    /// <summary>As the daemon's loop: changes that come closer together than this are taken in one step.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(200);

    /// <summary>As the daemon's loop: what belongs together is there this long after the first of it.</summary>
    private static readonly TimeSpan Completing = TimeSpan.FromMilliseconds(50);

    private readonly Machine machine;
    private readonly IMemoryPolicy policy;
    private readonly RunProbe probe;
    private readonly CommandGate gate;
    private readonly TimelineRecorder? recorder;
    private long changesSeen;
    private bool wakes;
    private TimeSpan lastStep;
    private TimeSpan due;

    private SimulationRun(Scenario scenario, IMemoryPolicy policy, TimelineRecorder? recorder)
    {
        machine = new Machine(scenario);
        this.policy = policy;
        probe = new RunProbe(scenario, machine, policy);
        gate = new CommandGate(scenario, machine);
        this.recorder = recorder;
        if (policy is ISamplesTouchedMemory sampler) sampler.SampleFrom(new TouchedMemory(machine));
    }

    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">A sound one.</param>
    /// <param name="policy">A fresh policy, made for this scenario.</param>
    /// <param name="duration">How long it runs, in the scenario's time.</param>
    /// <param name="recorder">Who keeps what is to be drawn; null for nobody.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static RunOutcome Run(
        Scenario scenario, IMemoryPolicy policy, TimeSpan duration, TimelineRecorder? recorder = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(policy);
        return new SimulationRun(scenario, policy, recorder).Run(duration, cancellation);
    }

    private RunOutcome Run(TimeSpan duration, CancellationToken cancellation)
    {
        Decide();
        while (machine.Now + Tick.Length <= duration)
        {
            cancellation.ThrowIfCancellationRequested();
            machine.AdvanceTo(machine.Now + Tick.Length);
            probe.OnTick();
            recorder?.OnTick(machine);
            Listen();
            if (machine.Now >= due) Decide();
        }

        return probe.Sum(gate.Violations);
    }

    private void Decide()
    {
        changesSeen = machine.Changes;
        lastStep = machine.Now;
        HostSnapshot snapshot = machine.Observe(machine.Now);
        gate.Check(snapshot);
        Turn turn = policy.Decide(snapshot, machine.Waiting);
        if (turn.LookAgainAfter <= TimeSpan.Zero) throw new InvalidOperationException("a policy must look again after some time");
        gate.Execute(turn.Commands, snapshot);
        probe.OnDecided();
        wakes = turn.WakeOnChange;
        due = lastStep + turn.LookAgainAfter;
    }

    private void Listen()
    {
        if (!wakes || machine.Changes == changesSeen) return;
        wakes = false;
        TimeSpan early = machine.Now + Completing;
        if (early < lastStep + LeastPause) early = lastStep + LeastPause;
        if (early < due) due = early;
    }
}
