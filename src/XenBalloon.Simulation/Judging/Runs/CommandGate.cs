using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Carries a policy's commands out as the daemon does, and counts those that no administrator would forgive.</summary>
internal sealed class CommandGate(Scenario scenario, Machine machine)
{
    private readonly Dictionary<string, GuestDescription> guests = scenario.Guests.ToDictionary(guest => guest.Name);
    private readonly HashSet<DomainIdentity> failed = [];

    /// <summary>How often memory was lost or came from nowhere, or a target was written outside what the administrator set.</summary>
    public int Violations { get; private set; }

    /// <summary>Checks what a policy is about to see.</summary>
    public void Check(HostSnapshot snapshot)
    {
        KiB held = snapshot.Free;
        foreach (DomainSnapshot domain in snapshot.Domains) held += domain.Occupied;
        if (held != snapshot.Total || snapshot.Free < KiB.Zero) Violations++;
    }

    /// <summary>Carries commands out; when one of a domain is not done, that domain's others are left out.</summary>
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

    // Coming nearer to a range that was left before is no offence.
    private bool IsOutOfRange(HostCommand command, HostSnapshot snapshot)
    {
        DomainSnapshot domain = snapshot.Domains.First(one => one.Identity == command.Domain);
        if (!guests.TryGetValue(domain.Name, out GuestDescription? guest)) return false;
        KiB least = (guest.Minimum ?? KiB.Zero).FloorToPage();
        KiB most = KiB.Min(guest.Maximum ?? guest.StaticMax, guest.StaticMax).CeilingToPage();
        return (command.Value < least && command.Value < domain.Target) || (command.Value > most && command.Value > domain.Target);
    }
}
