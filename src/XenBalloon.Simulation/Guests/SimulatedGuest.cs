using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// One guest in being: what the hypervisor and xenstore hold for it, and its kernel, balloon driver and agent. Split by aspect: this file holds what it
/// is, <c>SimulatedGuest.Life</c> how it lives, <c>SimulatedGuest.Orders</c> what is done to it.
/// </summary>
internal sealed partial class SimulatedGuest
{
    // libxl adds this to every domain's cap (LIBXL_MAXMEM_CONSTANT).
    private static readonly KiB MaxMemConstant = new(1024);

    private readonly ulong _seed;
    private readonly GuestMemory _memory;
    private readonly BalloonDriver _balloon;
    private readonly Reporter _reporter;
    private readonly GuestTally _tally = new();
    private DomainIdentity _identity;
    private KiB _target;
    private bool _hasTarget;
    private ReceivedReport? _report;
    private bool _listenedTo;

    /// <summary>Describes to be; <see cref="Create"/> brings to life.</summary>
    public SimulatedGuest(GuestDescription description, ulong seed)
    {
        Description = description;
        _seed = seed;
        _memory = new GuestMemory(description);
        _balloon = new BalloonDriver(description.Balloon);
        _reporter = new Reporter(description.Reporting, seed);
    }

    /// <summary>What the scenario says of it.</summary>
    public GuestDescription Description { get; }

    /// <summary>Which domain it is.</summary>
    public DomainIdentity Identity => _identity;

    /// <summary>Where it is in its life.</summary>
    public LifeStage Stage { get; private set; } = LifeStage.Gone;

    /// <summary>What the hypervisor holds for it.</summary>
    public KiB Actual { get; private set; }

    /// <summary>The hypervisor's cap.</summary>
    public KiB MaxMem { get; private set; }

    /// <summary>Whether the host had no page to give it in its last tick.</summary>
    public bool RefusedGrowth { get; private set; }

    /// <summary>What it has been told that it may take and has not yet taken.</summary>
    public KiB Promised => Stage is LifeStage.Booting or LifeStage.Up ? KiB.Max(KiB.Zero, KiB.Min(Goal, MaxMem) - Actual) : KiB.Zero;

    // The driver cannot go beyond the memory map that the guest was built with.
    private KiB Goal => (KiB.Min(_target, Description.StaticMax) + Description.Offset).FloorToPage();

    /// <summary>How it fared so far.</summary>
    public GuestOutcome Outcome() => _tally.Sum(Description.Name, Stage != LifeStage.Gone, _memory.Resident, _memory.Swapped);

    /// <summary>What the hypervisor and xenstore show of it. Whoever looks listens to its reports from now on, and to none that came before.</summary>
    public DomainSnapshot Observe()
    {
        _listenedTo = true;
        return new DomainSnapshot
        {
            Identity = _identity,
            Name = Description.Name,
            Kind = Description.Kind,
            Lifecycle = Lifecycle(),
            Actual = Actual,
            MaxMem = MaxMem,
            Target = _hasTarget ? _target : null,
            StaticMax = _hasTarget ? Description.StaticMax : null,
            BootMemory = Description.BootMemory,
            Report = _report is { } report ? Told(report) : null,
        };
    }

    private GuestReport Told(ReceivedReport report)
    {
        ReportSource source = Description.Reporting.Source;
        return new GuestReport(source, report.Used, source == ReportSource.Qubes ? null : report.Total, report.At);
    }

    private DomainLifecycle Lifecycle() => Stage switch
    {
        LifeStage.Building => DomainLifecycle.Building,
        LifeStage.Crashed => DomainLifecycle.Shutdown,
        LifeStage.Dying => DomainLifecycle.Dying,
        _ => _paused ? DomainLifecycle.Paused : DomainLifecycle.Running,
    };
}
