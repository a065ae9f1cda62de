using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>
/// Runs a policy on a simulated machine, in virtual time and on one thread: the same scenario and policy give the same
/// run. Passes come when the daemon's loop would make them.
/// </summary>
public sealed class SimulationRun
{
    /// <summary>As in the daemon's loop: the shortest time between passes.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(200);

    /// <summary>As in the daemon's loop: the delay after the first change, in which related changes arrive.</summary>
    private static readonly TimeSpan ChangeDelay = TimeSpan.FromMilliseconds(50);

    private readonly Machine machine;
    private readonly IMemoryPolicy policy;
    private readonly RunProbe probe;
    private readonly CommandExecutor gate;
    private readonly TimelineRecorder? recorder;
    private long changesSeen;
    private bool wakeOnChange;
    private TimeSpan lastStep;
    private TimeSpan due;

    private SimulationRun(Scenario scenario, IMemoryPolicy policy, TimelineRecorder? recorder)
    {
        machine = new Machine(scenario);
        this.policy = policy;
        probe = new RunProbe(scenario, machine, policy);
        gate = new CommandExecutor(scenario, machine);
        this.recorder = recorder;
        if (policy is IPageSamplingPolicy sampler) sampler.SampleFrom(new SimulatedPageSampler(machine));
    }

    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">A valid scenario.</param>
    /// <param name="policy">A new policy, created for this scenario.</param>
    /// <param name="duration">The length of the run, in scenario time.</param>
    /// <param name="recorder">Records the timeline; null if not needed.</param>
    /// <param name="cancellation">Cancels the run.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static RunOutcome Run(
        Scenario scenario, IMemoryPolicy policy, TimeSpan duration, TimelineRecorder? recorder =
            null, CancellationToken cancellation = default)
    {
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
            CheckForChanges();
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
        PolicyDecision decision = policy.Decide(snapshot, machine.Waiting);
        if (decision.NextPassAfter <= TimeSpan.Zero)
            throw new InvalidOperationException("a policy's next pass must come after some time");
        gate.Execute(decision.Commands, snapshot);
        probe.OnDecided();
        wakeOnChange = decision.WakeOnChange;
        due = lastStep + decision.NextPassAfter;
    }

    private void CheckForChanges()
    {
        if (!wakeOnChange || machine.Changes == changesSeen) return;
        wakeOnChange = false;
        TimeSpan early = machine.Now + ChangeDelay;
        if (early < lastStep + LeastPause) early = lastStep + LeastPause;
        if (early < due) due = early;
    }
}

/// <summary>
/// The result of sampling simulated guests. They touch their whole working set every few seconds, so sampling finds as
/// much of it as is in memory.
/// </summary>
internal sealed class SimulatedPageSampler(Machine machine) : IPageSampler
{
    /// <inheritdoc/>
    public KiB? Touched(DomainIdentity domain)
    {
        foreach (SimulatedGuest guest in machine.Guests)
        {
            if (guest.Identity != domain || guest.State != GuestState.Running) continue;
            return KiB.Min(guest.Actual, guest.Needed);
        }

        return null;
    }
}
