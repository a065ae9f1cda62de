using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <content>What the balancer does to it.</content>
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
            case HostCommandKind.SetTarget when command.ExpectedTarget is { } instead && instead != this.target:
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
                // It shows with the target that it goes with.
                break;
            case HostCommandKind.RequestReport:
                reporter.Ask();
                break;
            case HostCommandKind.AdmitQubesReports:
                // Simulated agents speak by other ways.
                admitsQubes = true;
                break;
        }

        return CommandOutcome.Done;
    }

    private void WriteTarget(KiB target)
    {
        // The watch fires on every write, but the driver that has given up looks whether the value differs.
        if (target != this.target) balloon.OnTargetChanged();
        this.target = target;
    }
}
