using System.Diagnostics.CodeAnalysis;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <content>How it comes to be: created, restored, or built anew.</content>
internal sealed partial class SimulatedGuest
{
    private TimeSpan askedForAt;
    private KiB bootMemory;
    private KiB staticMax;
    private KiB memoryMap;

    // What it held when it was saved, while it lies on disk.
    private KiB? saved;
    private bool populates;

    /// <summary>What creation takes from the host at once.</summary>
    public KiB NeedsToStart => saved ?? bootMemory + Description.Offset;

    /// <summary>Lets come what the scenario has in store for a domain that is not there.</summary>
    /// <param name="now">The scenario's time.</param>
    /// <returns>Whether someone asks now that it be created.</returns>
    public bool IsAskedFor(TimeSpan now)
    {
        Happen(now);
        if (panicked) tally.OnMissed();
        if (now < askedForAt) return false;
        askedForAt = TimeSpan.MaxValue;
        return true;
    }

    /// <summary>Creates the domain: the toolstack claims all of its memory, and begins to build it, or to restore it if it was saved.</summary>
    public void Create(TimeSpan now, int domid)
    {
        identity = new DomainIdentity(domid, Uuid());
        (Actual, Outstanding) = (KiB.Zero, NeedsToStart);
        MaxMem = NeedsToStart + MaxMemConstant;

        // Nobody has heard of this domid yet.
        (hasTarget, report, listenedTo, paused, panicked) = (false, null, false, false, false);
        if (saved is null) Begin(now);
        Enter(LifeStage.Building, now + Description.BuildTime);
    }

    /// <summary>Creates the domain as one that has been running since long before.</summary>
    public void CreateRunning(int domid)
    {
        Create(TimeSpan.Zero, domid);
        Populate(Outstanding);
        tally.OnActual(Actual, KiB.Zero);
        WriteFirstTarget();
        this.memory.Settle(Actual, Wanted(TimeSpan.Zero, killed: false));
        populates = false;
        Enter(LifeStage.Up, TimeSpan.MaxValue);
        reporter.Start(TimeSpan.Zero);
    }

    // Its programs begin from the beginning.
    private void Begin(TimeSpan now)
    {
        Install();
        (createdAt, killedUntil, populates) = (now, TimeSpan.Zero, Description.PopulatesOnDemand);
    }

    [MemberNotNull(nameof(memory), nameof(balloon), nameof(reporter))]
    private void Install()
    {
        memoryMap = staticMax;
        this.memory = new GuestMemory(Description with { BootMemory = bootMemory, StaticMax = memoryMap });
        balloon = new BalloonDriver(Description.Balloon);
        reporter = new Reporter(Description.Reporting, this.seed);
    }

    // At a steady rate until it is built; what a pause has cost comes all at once.
    private void Build(TimeSpan now) => Populate(Outstanding.Times(Machine.TickLength / (nextStageAt - now + Machine.TickLength)).FloorToPage());

    private void Populate(KiB amount)
    {
        Actual += amount;
        Outstanding -= amount;
    }

    private void OnBuilt(TimeSpan now)
    {
        Populate(Outstanding);
        tally.OnActual(Actual, KiB.Zero);
        if (saved is null)
        {
            WriteFirstTarget();
            Enter(LifeStage.Booting, now + Description.BootTime);
            return;
        }

        saved = null;
        hasTarget = true;
        Continue();
    }

    // Drivers set their watches anew, which fire at once: one that had given up tries again.
    private void Continue()
    {
        balloon.OnTargetChanged();
        Enter(LifeStage.Up, TimeSpan.MaxValue);
    }

    private void WriteFirstTarget() => (target, hasTarget, given) = (bootMemory, true, Actual);

    // As random (version 4) UUIDs look, but from the seed.
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
