using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>Executes a policy's commands as the daemon does, and counts violations.</summary>
internal sealed class CommandExecutor(Scenario scenario, Machine machine)
{
    private readonly Dictionary<string, GuestDescription> guests = scenario.Guests.ToDictionary(guest => guest.Name);
    private readonly HashSet<DomainIdentity> failed = [];

    /// <summary>
    /// The number of snapshots with inconsistent memory and of targets outside the administrator's range.
    /// </summary>
    public int Violations { get; private set; }

    /// <summary>Checks the snapshot that a policy is about to get.</summary>
    public void Check(HostSnapshot snapshot)
    {
        KiB held = snapshot.Free;
        foreach (DomainSnapshot domain in snapshot.Domains) held += domain.Occupied;
        if (held != snapshot.Total || snapshot.Free < KiB.Zero) Violations++;
    }

    /// <summary>Executes commands. When a command of a domain fails, the domain's other commands are skipped.</summary>
    public void Execute(ImmutableArray<HostCommand> commands, HostSnapshot snapshot)
    {
        failed.Clear();
        foreach (HostCommand command in commands)
        {
            if (failed.Contains(command.Domain)) continue;
            if (machine.Execute(command).Status != CommandStatus.Done) failed.Add(command.Domain);
            else if (command.Kind == HostCommandKind.SetTarget && IsOutOfRange(command, snapshot)) Violations++;
        }
    }

    // Moving towards a range that was left before is not a violation.
    private bool IsOutOfRange(HostCommand command, HostSnapshot snapshot)
    {
        DomainSnapshot domain = snapshot.Domains.First(candidate => candidate.Identity == command.Domain);
        if (!guests.TryGetValue(domain.Name, out GuestDescription? guest)) return false;
        KiB least = (guest.Minimum ?? KiB.Zero).FloorToPage();
        KiB most = KiB.Min(guest.Maximum ?? guest.StaticMax, guest.StaticMax).CeilingToPage();
        return (command.Value < least && command.Value < domain.Target)
            || (command.Value > most && command.Value > domain.Target);
    }
}
