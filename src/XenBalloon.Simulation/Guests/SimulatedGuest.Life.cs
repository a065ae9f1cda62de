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
    private bool paused;
    private bool panicked;

    // The most that it had in this life, as far as no administrator has taken it: what it booted with, or more that it was given later.
    private KiB given;

    /// <summary>Lives through one tick.</summary>
    /// <param name="now">The scenario's time at the tick's end.</param>
    /// <param name="free">What is free on the host.</param>
    /// <param name="changed">Whether something happened that whoever watches would be told of.</param>
    /// <returns>What it took from the host; negative for what it gave back.</returns>
    public KiB Advance(TimeSpan now, KiB free, out bool changed)
    {
        changed = Happen(now);
        if (panicked) tally.OnMissed();
        RefusedGrowth = false;
        if (paused && Stage is LifeStage.Building or LifeStage.Booting or LifeStage.Up) return KiB.Zero;
        if (now >= nextStageAt)
        {
            changed = true;
            KiB released = LeaveStage(now);
            if (Stage == LifeStage.Gone) return -released;
        }

        if (Stage == LifeStage.Building) Build(now);
        if (paused || Stage is not (LifeStage.Up or LifeStage.Migrating)) return KiB.Zero;
        KiB moved = Stage == LifeStage.Up ? AdvanceBalloon(now, free) : KiB.Zero;
        if (Stage != LifeStage.Crashed) Work(now);
        changed |= Stage == LifeStage.Crashed || Report(now);
        return moved;
    }

    private KiB AdvanceBalloon(TimeSpan now, KiB free)
    {
        if (populates && target < bootMemory)
        {
            // The kernel touches memory that the hypervisor was told to take back before the balloon could give it up.
            if (Goal < given) tally.OnKillByBalancer();
            Panic(now);
            return KiB.Zero;
        }

        KiB moved = MoveBalloon(now, free);
        if (Actual == Goal) populates = false;
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
        MemoryLoad wanted = Wanted(now, killed);
        MemoryTick cost = this.memory.Advance(Actual, wanted);
        Asked = killed ? this.memory.NeededFor(Wanted(now, killed: false)) : this.memory.Needed;
        given = KiB.Max(given, KiB.Min(Actual, Goal));
        tally.OnWorked(cost, this.memory.Swapped, dead: killed);

        // A balloon that tries again and again gets what programs free, and what they allocate next is not there: so a
        // guest without swap dies of a target below what it uses, as on real Xen.
        bool drained = balloon.HasFailedAgain && Goal < Actual && this.memory.IsExhausted(Actual);
        if (!cost.OutOfMemory && !drained) return;
        if (given > (drained ? Goal : Actual) && this.memory.Fits(given, wanted)) tally.OnKillByBalancer();
        this.memory.Drop();
        if (killed)
        {
            Panic(now);
            return;
        }

        tally.OnOomKill();
        killedUntil = now + KilledFor;
    }

    private bool Report(TimeSpan now)
    {
        if (!reporter.Advance(now, this.memory, Actual, out ReceivedReport arrived) || !listenedTo) return false;

        // Within the tick, at a moment that no other guest's report has: two reports never have the same time.
        this.report = arrived with { At = now - Machine.TickLength + TimeSpan.FromTicks(identity.Domid) };
        return true;
    }

    private MemoryLoad Wanted(TimeSpan now, bool killed)
    {
        TimeSpan age = now - createdAt;
        KiB files = Description.Files.At(age, this.seed);
        if (killed) return new MemoryLoad(GuestMemory.Essential, KiB.Zero, KiB.Zero, files);
        return new MemoryLoad(
            KiB.Max(GuestMemory.Essential, Description.Anonymous.At(age, this.seed).CeilingToPage()),
            Description.Cold.At(age, this.seed).CeilingToPage(),
            Description.Shared.At(age, this.seed).CeilingToPage(),
            files);
    }

    private void Panic(TimeSpan now)
    {
        tally.OnPanic();
        panicked = true;
        Crash(now);
    }

    private void Crash(TimeSpan now) => Enter(LifeStage.Crashed, now + CrashedFor);

    private void Enter(LifeStage stage, TimeSpan until) => (Stage, nextStageAt) = (stage, until);

    /// <summary>Goes on to the next stage of life; returns what the hypervisor got back.</summary>
    private KiB LeaveStage(TimeSpan now)
    {
        switch (Stage)
        {
            case LifeStage.Building:
                OnBuilt(now);
                break;
            case LifeStage.Booting:
                Enter(LifeStage.Up, TimeSpan.MaxValue);
                reporter.Start(now);
                break;
            case LifeStage.Suspended:
                saved = Actual;
                Enter(LifeStage.Dying, now + DyingFor);
                break;
            case LifeStage.Crashed or LifeStage.Migrating:
                Enter(LifeStage.Dying, now + DyingFor);
                break;
            case LifeStage.Dying:
                KiB released = Occupied;
                (Actual, Outstanding) = (KiB.Zero, KiB.Zero);
                if (saved is null) this.memory.Drop();
                Enter(LifeStage.Gone, TimeSpan.MaxValue);
                return released;
        }

        return KiB.Zero;
    }
}
