using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// One guest in being: what the hypervisor and xenstore hold for it, and its kernel, balloon driver and agent. Split by aspect: this file holds what it
/// is, <c>SimulatedGuest.Starts</c> how it comes to be, <c>SimulatedGuest.Life</c> how it lives,
/// <c>SimulatedGuest.Orders</c> what the balancer does to it and <c>SimulatedGuest.Events</c> what others do.
/// </summary>
internal sealed partial class SimulatedGuest
{
    // libxl adds this to every domain's cap (LIBXL_MAXMEM_CONSTANT).
    private static readonly KiB MaxMemConstant = new(1024);

    private readonly ulong seed;
    private readonly GuestTally tally = new();
    private GuestMemory memory;
    private BalloonDriver balloon;
    private Reporter reporter;
    private bool admitsQubes;
    private DomainIdentity identity;
    private KiB target;
    private bool hasTarget;
    private ReceivedReport? report;
    private bool listenedTo;

    /// <summary>Describes a guest to be; <see cref="Create"/> brings it to life.</summary>
    public SimulatedGuest(GuestDescription description, ulong seed)
    {
        Description = description;
        this.seed = seed;
        (bootMemory, staticMax) = (description.BootMemory, description.StaticMax);
        askedForAt = description.CreatedAt ?? TimeSpan.MaxValue;
        Install();
    }

    /// <summary>What the scenario says of it.</summary>
    public GuestDescription Description { get; }

    /// <summary>Which domain it is.</summary>
    public DomainIdentity Identity => identity;

    /// <summary>Where it is in its life.</summary>
    public LifeStage Stage { get; private set; } = LifeStage.Gone;

    /// <summary>What the hypervisor holds for it.</summary>
    public KiB Actual { get; private set; }

    /// <summary>What the toolstack has claimed for it and not populated yet.</summary>
    public KiB Outstanding { get; private set; }

    /// <summary>What the others cannot have because of it.</summary>
    public KiB Occupied => Actual + Outstanding;

    /// <summary>The hypervisor's cap.</summary>
    public KiB MaxMem { get; private set; }

    /// <summary>What its balloon works towards; null while it is being built.</summary>
    public KiB? Target => hasTarget ? target : null;

    /// <summary>Whether the toolstack has paused it.</summary>
    public bool IsPaused => paused;

    /// <summary>What it would have to hold so as not to wait for anything.</summary>
    public KiB Needed => this.memory.Needed;

    /// <summary>The same, had the OOM killer not struck lately: what its programs would use.</summary>
    public KiB Asked { get; private set; }

    /// <summary>What it uses just now of what it holds.</summary>
    public KiB InUse => this.memory.InUse;

    /// <summary>Whether the host had no page to give it in its last tick.</summary>
    public bool RefusedGrowth { get; private set; }

    /// <summary>What it has been told that it may take and has not yet taken.</summary>
    public KiB Promised =>
        Stage is LifeStage.Booting or LifeStage.Up or LifeStage.Suspended ? KiB.Max(KiB.Zero, KiB.Min(Goal, MaxMem) - Actual) : KiB.Zero;

    // The driver cannot go beyond the memory map that the guest was built with.
    private KiB Goal => (KiB.Min(target, memoryMap) + Description.Offset).FloorToPage();

    /// <summary>How it fared so far.</summary>
    public GuestOutcome Outcome() => tally.Sum(Description.Name, Stage != LifeStage.Gone, this.memory.Resident, this.memory.Swapped);

    /// <summary>What the hypervisor and xenstore show of it. Whoever looks listens to its reports from now on, and to none that came before.</summary>
    public DomainSnapshot Observe()
    {
        listenedTo = true;
        return new DomainSnapshot
        {
            Identity = identity,
            Name = Description.Name,
            Kind = Description.Kind,
            Lifecycle = Lifecycle(),
            Actual = Actual,
            Outstanding = Outstanding,
            MaxMem = MaxMem,
            Target = hasTarget ? target : null,
            StaticMax = hasTarget ? staticMax : null,
            BootMemory = bootMemory,
            PopulatesOnDemand = populates,
            HasQubesLeaf = admitsQubes,
            Report = this.report is { } report ? Told(report) : null,
        };
    }

    private GuestReport Told(ReceivedReport report)
    {
        ReportSource source = Description.Reporting.Source;
        return new GuestReport(source, report.Used, source == ReportSource.Qubes ? null : report.Total, report.At) { Vitals = report.Vitals };
    }

    private DomainLifecycle Lifecycle() => Stage switch
    {
        LifeStage.Building => DomainLifecycle.Building,
        LifeStage.Suspended => DomainLifecycle.Suspended,
        LifeStage.Migrating => DomainLifecycle.Migrating,
        LifeStage.Crashed => DomainLifecycle.Shutdown,
        LifeStage.Dying => DomainLifecycle.Dying,
        _ => paused ? DomainLifecycle.Paused : DomainLifecycle.Running,
    };
}
