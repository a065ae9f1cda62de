using System.Diagnostics.CodeAnalysis;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <content>Creation, boot and restore.</content>
internal sealed partial class SimulatedGuest
{
    private TimeSpan startRequestedAt;
    private KiB bootMemory;
    private readonly KiB staticMax;
    private KiB memoryMap;

    // The domain's memory when it was saved; null if it is not on disk.
    private KiB? saved;
    private bool populates;

    /// <summary>The host memory that creation takes at once.</summary>
    public KiB NeedsToStart => saved ?? bootMemory + Description.Offset;

    /// <summary>Handles the events of a domain that does not exist.</summary>
    /// <param name="now">The scenario time.</param>
    /// <returns>Whether its start is requested now.</returns>
    public bool IsStartRequested(TimeSpan now)
    {
        HandleEvents(now);
        if (panicked) counters.OnMissed();
        if (now < startRequestedAt) return false;
        startRequestedAt = TimeSpan.MaxValue;
        return true;
    }

    /// <summary>
    /// Creates the domain: the toolstack claims all of its memory and starts to build it, or to restore it if it was
    /// saved.
    /// </summary>
    public void Create(TimeSpan now, int domid)
    {
        identity = new DomainIdentity(domid, Uuid());
        (Actual, Outstanding) = (KiB.Zero, NeedsToStart);
        MaxMem = NeedsToStart + MaxMemConstant;

        // Nothing is known about this domid yet.
        (hasTarget, hasRun, report, isObserved, paused, panicked) = (false, false, null, false, false, false);
        if (saved is null) Begin(now);
        Enter(GuestState.Building, now + Description.BuildTime);
    }

    /// <summary>Creates a domain that has been running for a long time.</summary>
    public void CreateRunning(int domid)
    {
        Create(TimeSpan.Zero, domid);
        Populate(Outstanding);
        counters.OnActual(Actual, KiB.Zero);
        WriteFirstTarget();
        this.memory.Fill(Actual, Demand(TimeSpan.Zero, killed: false));
        (populates, hasRun) = (false, true);
        Enter(GuestState.Running, TimeSpan.MaxValue);
        agent.Start(TimeSpan.Zero);
    }

    private void Begin(TimeSpan now)
    {
        Install();
        (createdAt, killedUntil, populates) = (now, TimeSpan.Zero, Description.PopulatesOnDemand);
    }

    [MemberNotNull(nameof(memory), nameof(balloon), nameof(agent))]
    private void Install()
    {
        memoryMap = staticMax;
        this.memory = new GuestMemory(Description with { BootMemory = bootMemory, StaticMax = memoryMap });
        balloon = new BalloonDriver(Description.Balloon);
        agent = new GuestAgent(Description.Reporting, this.seed);
    }

    // Populates at a steady rate. After a pause the remaining memory arrives at once.
    private void Build(TimeSpan now) =>
        Populate(Outstanding.Times(Tick.Length / (nextStateAt - now + Tick.Length)).FloorToPage());

    private void Populate(KiB amount)
    {
        Actual += amount;
        Outstanding -= amount;
    }

    private void OnBuilt(TimeSpan now)
    {
        Populate(Outstanding);
        counters.OnActual(Actual, KiB.Zero);
        if (saved is null)
        {
            WriteFirstTarget();
            Enter(GuestState.Booting, now + Description.BootTime);
            return;
        }

        saved = null;
        hasTarget = true;
        Continue();
    }

    // A resumed driver sets its watches again, and they fire at once: a driver that had given up tries again.
    private void Continue()
    {
        balloon.OnTargetChanged();
        Enter(GuestState.Running, TimeSpan.MaxValue);
    }

    private void WriteFirstTarget() => (target, hasTarget, given) = (bootMemory, true, Actual);

    // A UUID in the format of version 4 (random), derived from the seed.
    private Guid Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Noise.Bits(this.seed, 1));
        BitConverter.TryWriteBytes(bytes[8..], Noise.Bits(this.seed, 2));
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
