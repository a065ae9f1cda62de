using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>What a guest's agent does wrong from now on.</summary>
internal enum AgentFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It reports nothing.</summary>
    Silent,

    /// <summary>It reports that all memory is in use.</summary>
    ClaimsAll,

    /// <summary>It reports that no memory is in use.</summary>
    ClaimsNothing,
}

/// <summary>The faults that wait to happen. They outlive a daemon.</summary>
internal sealed class HostFaults
{
    private readonly Dictionary<string, AgentFault> agents = [];

    /// <summary>So many commands are refused.</summary>
    internal int Refusals { get; set; }

    /// <summary>To so many commands, the domain seems to be gone.</summary>
    internal int Vanished { get; set; }

    /// <summary>So many attempts to read the host fail.</summary>
    internal int Unreadable { get; set; }

    /// <summary>Whether xenstored is dead. It runs again when the daemon does.</summary>
    internal bool IsLost { get; set; }

    /// <summary>The command at which xenstored dies; 0 for none.</summary>
    internal int LostIn { get; set; }

    /// <summary>The command after which the daemon is killed; 0 for none.</summary>
    internal int KilledIn { get; set; }

    /// <summary>Whether the daemon is killed after its next pass, before it saves its state.</summary>
    internal bool KillsBeforeSaving { get; set; }

    /// <summary>Whether the daemon is killed when it has carried out the next requests.</summary>
    internal bool KillsAfterRequests { get; set; }

    /// <summary>The guests that have ever reported what is not true.</summary>
    internal HashSet<string> Liars { get; } = [];

    /// <summary>Ends all faults.</summary>
    internal void Clear()
    {
        (Refusals, Vanished, Unreadable, LostIn, KilledIn) = (0, 0, 0, 0, 0);
        (KillsBeforeSaving, KillsAfterRequests) = (false, false);
        agents.Clear();
    }

    /// <summary>Changes what an agent does wrong.</summary>
    internal void SetAgent(string guest, AgentFault fault)
    {
        agents[guest] = fault;
        if (fault is AgentFault.ClaimsAll or AgentFault.ClaimsNothing) Liars.Add(guest);
    }

    /// <summary>What an agent does wrong.</summary>
    internal AgentFault AgentOf(string guest) => agents.GetValueOrDefault(guest);
}

/// <summary>A fault that the schedule has caused, and that the daemon is to survive.</summary>
internal sealed class CausedFaultException(string message) : Exception(message);

/// <summary>The daemon was killed.</summary>
internal sealed class KilledException() : Exception("kill -9");

/// <summary>A command, with the domain as it was before.</summary>
/// <param name="Command">The command.</param>
/// <param name="Guest">The guest.</param>
/// <param name="Before">Its target before.</param>
/// <param name="Report">Its report in the snapshot that the command rests on.</param>
/// <param name="ReportedAt">When that arrived, in scenario time.</param>
internal sealed record ExecutedCommand(
    HostCommand Command, SimulatedGuest Guest, KiB? Before, GuestReport? Report, TimeSpan? ReportedAt);

/// <summary>
/// The simulated machine as one daemon sees it, from its start to its end: with a clock of its own, without reports
/// that are older than the daemon, and with faults.
/// </summary>
internal sealed class FaultyHost : IXenHost
{
    /// <summary>The names of guests with a passed-through device begin with this.</summary>
    internal const string DevicePrefix = "device";

    private readonly Machine machine;
    private readonly HostFaults faults;
    private readonly Dictionary<DomainIdentity, GuestReport> lastReports = [];
    private readonly TimeSpan startedAt, origin;

    internal FaultyHost(Machine machine, HostFaults faults, TimeSpan origin)
    {
        (this.machine, this.faults, this.origin) = (machine, faults, origin);
        startedAt = machine.Now;
        faults.IsLost = false;
    }

    /// <summary>The commands of this pass that were carried out.</summary>
    internal List<ExecutedCommand> Executed { get; } = [];

    /// <summary>Called before a command is carried out.</summary>
    internal Action<HostCommand, SimulatedGuest>? OnCommand { get; init; }

    /// <summary>Free memory in the last snapshot.</summary>
    internal KiB Free { get; private set; }

    /// <summary>What the guests could still take, at the last snapshot.</summary>
    internal KiB PromisedBefore { get; private set; }

    /// <summary>What the guests can still take.</summary>
    internal KiB Promised => new(machine.Guests.Sum(guest => guest.Promised.Value));

    /// <inheritdoc/>
    public string Description => "simulated (faults)";

    /// <inheritdoc/>
    public HostSnapshot Observe()
    {
        if (faults.IsLost) throw new HostLostException("xenstored died");
        if (faults.Unreadable > 0)
        {
            faults.Unreadable--;
            throw new CausedFaultException("the host cannot be read");
        }

        HostSnapshot snapshot = machine.Observe(origin + (machine.Now - startedAt));
        (Free, PromisedBefore) = (snapshot.Free, Promised);
        Executed.Clear();
        return snapshot with { Domains = [.. snapshot.Domains.Select(Read)] };
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(HostCommand command)
    {
        if (faults.LostIn > 0 && --faults.LostIn == 0) faults.IsLost = true;
        if (faults.IsLost) throw new HostLostException("xenstored died");
        if (faults.Refusals > 0)
        {
            faults.Refusals--;
            return new CommandOutcome(CommandStatus.Refused, "device or resource busy");
        }

        if (faults.Vanished > 0)
        {
            faults.Vanished--;
            return new CommandOutcome(CommandStatus.DomainGone, "no such domain");
        }

        SimulatedGuest? guest = machine.Guests.FirstOrDefault(each => each.Identity == command.Domain);
        if (guest is not null) OnCommand?.Invoke(command, guest);
        KiB? before = guest?.Target;
        CommandOutcome outcome = machine.Execute(command);
        if (guest is not null && outcome.Status == CommandStatus.Done)
        {
            GuestReport? report = lastReports.GetValueOrDefault(command.Domain);
            Executed.Add(new ExecutedCommand(command, guest, before, report, report?.ReceivedAt - origin + startedAt));
        }

        if (faults.KilledIn > 0 && --faults.KilledIn == 0) throw new KilledException();
        return outcome;
    }

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing.
    }

    private DomainSnapshot Read(DomainSnapshot domain)
    {
        GuestReport? report = ReadReport(domain);
        if (report is not null) lastReports[domain.Identity] = report;
        return domain with
        {
            Report = report,
            LeavingSince = domain.LeavingSince is { } since ? since - startedAt + origin : null,
            HasAgent = domain.Report is { Source: ReportSource.Agent },
            HasPassthrough = domain.Name.StartsWith(DevicePrefix, StringComparison.Ordinal),
        };
    }

    private GuestReport? ReadReport(DomainSnapshot domain)
    {
        AgentFault fault = faults.AgentOf(domain.Name);
        if (fault == AgentFault.Silent) return lastReports.GetValueOrDefault(domain.Identity);
        if (domain.Report is not { } report || report.ReceivedAt <= startedAt) return null;
        KiB used = fault switch
        {
            AgentFault.ClaimsAll => report.Total ?? domain.Actual,
            AgentFault.ClaimsNothing => KiB.Zero,
            _ => report.Used,
        };
        return report with { Used = used, ReceivedAt = report.ReceivedAt - startedAt + origin };
    }
}
