using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <content>How it lives, tick by tick.</content>
internal sealed partial class SimulatedGuest
{
    // How long xl takes to destroy a domain that has crashed, and how long the hypervisor then takes to scrub its memory.
    private static readonly TimeSpan CrashedFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DyingFor = TimeSpan.FromMilliseconds(500);

    // A service manager starts what was killed again after a while.
    private static readonly TimeSpan KilledFor = TimeSpan.FromSeconds(30);

    private TimeSpan createdAt;
    private TimeSpan nextStageAt;
    private TimeSpan killedUntil;
    private int nextEvent;
    private bool paused;

    /// <summary>What creation takes from the host at once.</summary>
    public KiB NeedsToStart => Description.BootMemory + Description.Offset;

    /// <summary>Creates the domain: the toolstack begins to build it.</summary>
    public void Create(TimeSpan now, int domid)
    {
        identity = new DomainIdentity(domid, Uuid());
        createdAt = now;
        Actual = NeedsToStart;
        MaxMem = NeedsToStart + MaxMemConstant;
        tally.OnActual(Actual, KiB.Zero);
        Enter(LifeStage.Building, now + Description.BuildTime);
    }

    /// <summary>Creates the domain as one that has been running since long before.</summary>
    public void CreateRunning(int domid)
    {
        Create(TimeSpan.Zero, domid);
        WriteFirstTarget();
        this.memory.Settle(Actual, Demand(TimeSpan.Zero));
        Enter(LifeStage.Up, TimeSpan.MaxValue);
        reporter.Start(TimeSpan.Zero);
    }

    /// <summary>Lives through one tick.</summary>
    /// <param name="now">The scenario's time at the tick's end.</param>
    /// <param name="free">What is free on the host.</param>
    /// <param name="changed">Whether something happened that whoever watches would be told of.</param>
    /// <returns>What it took from the host; negative for what it gave back.</returns>
    public KiB Advance(TimeSpan now, KiB free, out bool changed)
    {
        changed = Happen(now);
        RefusedGrowth = false;
        if (paused && Stage is not (LifeStage.Crashed or LifeStage.Dying)) return KiB.Zero;
        if (now >= nextStageAt)
        {
            changed = true;
            KiB released = LeaveStage(now);
            if (Stage == LifeStage.Gone) return -released;
        }

        if (Stage != LifeStage.Up) return KiB.Zero;
        KiB moved = MoveBalloon(now, free);
        Work(now);
        changed |= Stage == LifeStage.Up ? Report(now) : true;
        return moved;
    }

    private KiB MoveBalloon(TimeSpan now, KiB free)
    {
        KiB gap = Goal - Actual;
        if (gap == KiB.Zero) return KiB.Zero;
        KiB moved = balloon.Advance(now, gap, Actual, this.memory.Yielding(Actual), KiB.Max(KiB.Zero, MaxMem - Actual), free);
        RefusedGrowth = balloon.RefusedByHost;
        if (moved == KiB.Zero) return KiB.Zero;
        Actual += moved;
        tally.OnActual(Actual, moved);
        return moved;
    }

    private void Work(TimeSpan now)
    {
        bool killed = now < killedUntil;
        MemoryTick cost = this.memory.Advance(Actual, killed ? GuestMemory.Essential : Demand(now), Description.Files.At(now - createdAt, this.seed));
        tally.OnWorked(cost, this.memory.Swapped);
        if (!cost.OutOfMemory) return;
        this.memory.Drop();
        if (killed)
        {
            tally.OnPanic();
            Enter(LifeStage.Crashed, now + CrashedFor);
            return;
        }

        tally.OnOomKill();
        killedUntil = now + KilledFor;
    }

    private bool Report(TimeSpan now)
    {
        if (!reporter.Advance(now, this.memory.Total(Actual), this.memory.Available(Actual), out ReceivedReport arrived) || !listenedTo) return false;

        // Within the tick, at a moment that no other guest's report has: two reports never have the same time.
        this.report = arrived with { At = now - Machine.TickLength + TimeSpan.FromTicks(identity.Domid) };
        return true;
    }

    private KiB Demand(TimeSpan now) =>
        KiB.Max(GuestMemory.Essential, Description.Anonymous.At(now - createdAt, this.seed).CeilingToPage());

    private void Enter(LifeStage stage, TimeSpan until) => (Stage, nextStageAt) = (stage, until);

    /// <summary>Goes on to the next stage of life; returns what the hypervisor got back.</summary>
    private KiB LeaveStage(TimeSpan now)
    {
        switch (Stage)
        {
            case LifeStage.Building:
                WriteFirstTarget();
                Enter(LifeStage.Booting, now + Description.BootTime);
                break;
            case LifeStage.Booting:
                Enter(LifeStage.Up, TimeSpan.MaxValue);
                reporter.Start(now);
                break;
            case LifeStage.Crashed:
                Enter(LifeStage.Dying, now + DyingFor);
                break;
            case LifeStage.Dying:
                KiB released = Actual;
                Actual = KiB.Zero;
                this.memory.Drop();
                Enter(LifeStage.Gone, TimeSpan.MaxValue);
                return released;
        }

        return KiB.Zero;
    }

    private void WriteFirstTarget() => (target, hasTarget) = (Description.BootMemory, true);

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
