using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A simulated domain: its state in the hypervisor and xenstore, and its kernel, balloon driver and agent. Split by
/// subject: this file has the state and the balancer's commands, <c>SimulatedGuest.Creation</c> creation, boot and
/// restore, <c>SimulatedGuest.Life</c> the ticks, and <c>SimulatedGuest.Events</c> actions of others.
/// </summary>
internal sealed partial class SimulatedGuest
{
    // libxl adds this to every domain's cap (LIBXL_MAXMEM_CONSTANT).
    private static readonly KiB MaxMemConstant = new(1024);

    private readonly ulong seed;
    private readonly GuestCounters counters = new();
    private GuestMemory memory;
    private BalloonDriver balloon;
    private GuestAgent agent;
    private bool admitsQubes;
    private DomainIdentity identity;
    private KiB target;
    private bool hasTarget;
    private bool hasRun;
    private AgentReport? report;
    private bool isObserved;
    private DomainSnapshot? observed;

    // As in xenstore: nothing is recorded until a balancer first writes a target.
    private KiB? recordedBootMemory;

    /// <summary>Creates a guest without a domain; see <see cref="Create"/>.</summary>
    public SimulatedGuest(GuestDescription description, ulong seed)
    {
        Description = description;
        this.seed = seed;
        (bootMemory, staticMax) = (description.BootMemory, description.StaticMax);
        startRequestedAt = description.CreatedAt ?? TimeSpan.MaxValue;
        Install();
    }

    /// <summary>The guest's description in the scenario.</summary>
    public GuestDescription Description { get; }

    /// <summary>The domain's identity.</summary>
    public DomainIdentity Identity => identity;

    /// <summary>The domain's state.</summary>
    public GuestState State { get; private set; } = GuestState.Absent;

    /// <summary>The domain's memory.</summary>
    public KiB Actual { get; private set; }

    /// <summary>Memory that the toolstack has claimed and not populated yet.</summary>
    public KiB Outstanding { get; private set; }

    /// <summary>The host memory that is not free because of this domain.</summary>
    public KiB Occupied => Actual + Outstanding;

    /// <summary>The hypervisor's cap.</summary>
    public KiB MaxMem { get; private set; }

    /// <summary>The balloon's target; null while the domain is being built.</summary>
    public KiB? Target => hasTarget ? target : null;

    /// <summary>Whether the toolstack has paused it.</summary>
    public bool IsPaused => paused;

    /// <summary>The memory that it needs to run almost without waiting.</summary>
    public KiB Needed => this.memory.Needed;

    /// <summary>What <see cref="Needed"/> would be if the OOM killer had not killed its programs.</summary>
    public KiB NeedWithoutKills { get; private set; }

    /// <summary>The part of its memory that it uses.</summary>
    public KiB InUse => this.memory.InUse;

    /// <summary>Whether the host had too little free memory for its growth in the last tick.</summary>
    public bool RefusedGrowth { get; private set; }

    /// <summary>The growth that its target and cap allow.</summary>
    public KiB Promised =>
        State is GuestState.Booting or GuestState.Running or GuestState.Suspended
            ? KiB.Max(KiB.Zero, KiB.Min(Goal, MaxMem) - Actual)
            : KiB.Zero;

    // The driver cannot exceed the memory map that the guest was built with.
    private KiB Goal => (KiB.Min(target, memoryMap) + Description.Offset).FloorToPage();

    /// <summary>The results so far.</summary>
    public GuestOutcome Outcome() => counters.Outcome(
        Description.Name, State != GuestState.Absent, this.memory.Resident, this.memory.Swapped);

    /// <summary>
    /// The domain's state in the hypervisor and xenstore. The first call starts the delivery of reports; earlier
    /// reports are dropped, because their age is unknown.
    /// </summary>
    public DomainSnapshot Observe()
    {
        isObserved = true;
        var now = new DomainSnapshot
        {
            Identity = identity,
            Name = Description.Name,
            Kind = Description.Kind,
            Lifecycle = Lifecycle(),
            HasRun = hasRun,
            Actual = Actual,
            Outstanding = Outstanding,
            MaxMem = MaxMem,
            Target = hasTarget ? target : null,
            StaticMax = hasTarget ? staticMax : null,
            ShutdownReason = shutdownReason,
            LeavingSince = leavingSince,
            BootMemory = recordedBootMemory,
            PopulatesOnDemand = populates,
            HasQubesNode = admitsQubes,
            Report = this.report is { } report ? Convert(report) : null,
        };

        // As on a real host, where the balancer recognizes a domain that has not changed by its snapshot.
        if (now != observed) observed = now;
        return observed;
    }

    /// <summary>Executes a command, unless the domain is another one or no longer exists.</summary>
    public CommandOutcome Execute(HostCommand command)
    {
        if (command.Domain != identity || State is GuestState.Dying or GuestState.Absent)
            return new CommandOutcome(CommandStatus.DomainGone, $"domain {command.Domain} is gone");
        if (command.Value < KiB.Zero)
            return new CommandOutcome(CommandStatus.Refused, $"invalid size {command.Value}");
        switch (command.Kind)
        {
            case HostCommandKind.SetTarget when !hasTarget:
                return new CommandOutcome(CommandStatus.Refused, $"{Description.Name} is still being built");
            case HostCommandKind.SetTarget when command.ExpectedTarget is { } expected && expected != this.target:
                return new CommandOutcome(
                    CommandStatus.Refused, $"another tool has set the target to {this.target} meanwhile");
            case HostCommandKind.SetTarget:
                counters.OnTargetWritten(this.target, command.Value);
                recordedBootMemory ??= command.BootMemory ?? this.target;
                WriteTarget(command.Value);
                break;
            case HostCommandKind.SetMaxMem:
                // Xen accepts a cap below the domain's memory; the domain then cannot grow.
                MaxMem = command.Value;
                break;
            case HostCommandKind.SetPodTarget:
                // The model populates with the target that follows.
                break;
            case HostCommandKind.RequestReport:
                agent.Request();
                break;
            case HostCommandKind.AdmitQubesReports:
                // The simulated agent's reports do not go through xenstore.
                admitsQubes = true;
                break;
        }

        return CommandOutcome.Done;
    }

    private void WriteTarget(KiB value)
    {
        // The watch fires on every write, but a driver that has given up tries again only for another value.
        if (value != target) balloon.OnTargetChanged();
        target = value;
    }

    private GuestReport Convert(AgentReport arrived)
    {
        ReportSource source = Description.Reporting.Source;
        KiB? total = source == ReportSource.Qubes ? null : arrived.Total;
        return new GuestReport(source, arrived.Used, total, arrived.At) { Vitals = arrived.Vitals };
    }

    private DomainLifecycle Lifecycle() => State switch
    {
        GuestState.Building => DomainLifecycle.Building,
        GuestState.Suspended => DomainLifecycle.Suspended,
        GuestState.Migrating => DomainLifecycle.Migrating,
        GuestState.Crashed => DomainLifecycle.Shutdown,
        GuestState.Dying => DomainLifecycle.Dying,
        _ => paused ? DomainLifecycle.Paused : DomainLifecycle.Running,
    };
}

/// <summary>The state of a simulated guest's domain.</summary>
internal enum GuestState
{
    /// <summary>The toolstack builds it.</summary>
    Building,

    /// <summary>Its kernel boots.</summary>
    Booting,

    /// <summary>Its programs run.</summary>
    Running,

    /// <summary>It is suspended, until it is resumed or saved.</summary>
    Suspended,

    /// <summary>Its memory is being sent to another host. Its programs run, its balloon does not move.</summary>
    Migrating,

    /// <summary>Its kernel has panicked.</summary>
    Crashed,

    /// <summary>It is being destroyed.</summary>
    Dying,

    /// <summary>It does not exist, yet or any more.</summary>
    Absent,
}
