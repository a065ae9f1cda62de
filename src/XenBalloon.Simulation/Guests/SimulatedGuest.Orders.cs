using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <content>What is done to it: by the balancer's commands, and by others.</content>
internal sealed partial class SimulatedGuest
{
    /// <summary>Carries a command out, as far as this domain is meant by it and still there.</summary>
    public CommandOutcome Execute(HostCommand command)
    {
        if (command.Domain != identity || Stage is LifeStage.Dying or LifeStage.Gone)
            return new CommandOutcome(CommandStatus.DomainGone, $"domain {command.Domain} is gone");
        if (command.Value < KiB.Zero) return new CommandOutcome(CommandStatus.Refused, $"{command.Value} is no size");
        switch (command.Kind)
        {
            case HostCommandKind.SetTarget when !hasTarget:
                return new CommandOutcome(CommandStatus.Refused, $"{Description.Name} is still being built");
            case HostCommandKind.SetTarget when command.Instead is { } instead && instead != this.target:
                return new CommandOutcome(CommandStatus.Refused, $"the target was set to {this.target} by someone else meanwhile");
            case HostCommandKind.SetTarget:
                tally.OnTargetWritten(this.target, command.Value);
                WriteTarget(command.Value);
                break;
            case HostCommandKind.SetMaxMem:
                // Below what the domain holds is accepted; it then cannot allocate.
                MaxMem = command.Value;
                break;
            case HostCommandKind.SetPodTarget:
                // Simulated guests have nothing left to populate on demand.
                break;
        }

        return CommandOutcome.Done;
    }

    /// <summary>Lets come what the scenario has in store up to now.</summary>
    /// <returns>Whether whoever watches would be told of it.</returns>
    private bool Happen(TimeSpan now)
    {
        bool any = false;
        while (nextEvent < Description.Events.Length && Description.Events[nextEvent].At <= now)
        {
            any |= Happen(now, Description.Events[nextEvent]);
            nextEvent++;
        }

        return any;
    }

    private bool Happen(TimeSpan now, GuestEvent happening)
    {
        if (Stage is LifeStage.Dying) return false;
        switch (happening.Kind)
        {
            case GuestEventKind.Pause or GuestEventKind.Unpause:
                // Neither xenstore nor the hypervisor tells anybody of these.
                paused = happening.Kind == GuestEventKind.Pause;
                return false;
            case GuestEventKind.SetTarget when hasTarget:
                MaxMem = happening.Value + Description.Offset + MaxMemConstant;
                WriteTarget(happening.Value);
                return true;
            case GuestEventKind.Destroy:
                Enter(LifeStage.Dying, now + DyingFor);
                return true;
            default:
                return false;
        }
    }

    private void WriteTarget(KiB target)
    {
        // The watch fires on every write, but the driver that has given up looks whether the value differs.
        if (target != this.target) balloon.OnTargetChanged();
        this.target = target;
    }
}
