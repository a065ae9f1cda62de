using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <content>The ticks.</content>
internal sealed partial class SimulatedGuest
{
    // How long xl takes to destroy a crashed domain, and how long the hypervisor then takes to scrub its memory.
    private static readonly TimeSpan CrashedFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DyingFor = TimeSpan.FromMilliseconds(500);

    // How long a service manager waits before it restarts killed programs.
    private static readonly TimeSpan KilledFor = TimeSpan.FromSeconds(30);

    private TimeSpan createdAt;
    private TimeSpan nextStateAt;
    private TimeSpan killedUntil;
    private bool paused;
    private bool panicked;

    // The most memory that the domain has had and that no administrator took away: its boot memory, or more that it was
    // given later.
    private KiB given;

    /// <summary>Advances by one tick.</summary>
    /// <param name="now">The scenario time at the end of the tick.</param>
    /// <param name="free">The host's free memory.</param>
    /// <param name="changed">Whether something happened that wakes a waiting observer.</param>
    /// <returns>The memory taken from the host; negative for memory given back.</returns>
    public KiB Advance(TimeSpan now, KiB free, out bool changed)
    {
        changed = HandleEvents(now);
        if (now >= rebootsAt && Responds)
        {
            Reboot(now);
            changed = true;
        }

        if (panicked) counters.OnMissed();
        RefusedGrowth = false;
        if (paused && State is GuestState.Building or GuestState.Booting or GuestState.Running) return KiB.Zero;
        if (now >= nextStateAt)
        {
            changed = true;
            KiB released = LeaveState(now);
            if (State == GuestState.Absent) return -released;
        }

        if (State == GuestState.Building) Build(now);
        hasRun |= Runs;
        if (paused || State is not (GuestState.Running or GuestState.Migrating)) return KiB.Zero;
        KiB moved = State == GuestState.Running ? AdvanceBalloon(now, free) : KiB.Zero;
        if (State != GuestState.Crashed) Work(now);
        changed |= State == GuestState.Crashed || ReceiveReport(now);
        return moved;
    }

    private KiB AdvanceBalloon(TimeSpan now, KiB free)
    {
        if (populates && target < bootMemory)
        {
            // The kernel touches memory that the hypervisor took back before the balloon could give it up.
            if (Goal < given) counters.OnKillByBalancer();
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
        KiB cap = KiB.Max(KiB.Zero, MaxMem - Actual);
        KiB moved = balloon.Advance(now, gap, Actual, this.memory.TakenPerTick(Actual), cap, free);
        RefusedGrowth = balloon.RefusedByHost;
        if (moved == KiB.Zero) return KiB.Zero;
        Actual += moved;
        counters.OnActual(Actual, moved);
        return moved;
    }

    private void Work(TimeSpan now)
    {
        bool killed = now < killedUntil;
        MemoryDemand demand = Demand(now, killed);
        MemoryCost cost = this.memory.Advance(Actual, demand);
        NeedWithoutKills = killed ? this.memory.NeededFor(Demand(now, killed: false)) : this.memory.Needed;
        given = KiB.Max(given, KiB.Min(Actual, Goal));
        counters.OnWorked(cost, this.memory.Swapped, dead: killed);

        // A balloon that retries takes each page that the programs free, and their next allocation fails. So on real
        // Xen a guest without swap dies of a target below its use.
        bool drained = balloon.HasFailedAgain && Goal < Actual && this.memory.IsExhausted(Actual);
        if (!cost.OutOfMemory && !drained) return;
        if (given > (drained ? Goal : Actual) && this.memory.Fits(given, demand)) counters.OnKillByBalancer();
        this.memory.KillPrograms();
        if (killed)
        {
            Panic(now);
            return;
        }

        counters.OnOomKill();
        killedUntil = now + KilledFor;
    }

    private bool ReceiveReport(TimeSpan now)
    {
        if (!agent.Advance(now, this.memory, Actual, out AgentReport arrived) || !isObserved) return false;

        // A time within the tick that depends on the domid, so that no two reports have the same time.
        this.report = arrived with { At = now - Tick.Length + TimeSpan.FromTicks(identity.Domid) };
        return true;
    }

    private MemoryDemand Demand(TimeSpan now, bool killed)
    {
        TimeSpan age = now - createdAt;
        KiB files = Description.Files.At(age, this.seed);
        if (killed) return new MemoryDemand(GuestDescription.EssentialMemory, KiB.Zero, KiB.Zero, files);
        return new MemoryDemand(
            KiB.Max(GuestDescription.EssentialMemory, Description.Anonymous.At(age, this.seed).CeilingToPage()),
            Description.Cold.At(age, this.seed).CeilingToPage(),
            Description.Shared.At(age, this.seed).CeilingToPage(),
            files);
    }

    private void Panic(TimeSpan now)
    {
        counters.OnPanic();
        panicked = true;
        Crash(now);
    }

    private void Crash(TimeSpan now)
    {
        shutdownReason = ShutdownReason.Crash;
        Enter(GuestState.Crashed, now + CrashedFor);
    }

    private void Enter(GuestState state, TimeSpan until) => (State, nextStateAt) = (state, until);

    /// <summary>Enters the state that follows; returns the memory that the hypervisor got back.</summary>
    private KiB LeaveState(TimeSpan now)
    {
        switch (State)
        {
            case GuestState.Building:
                OnBuilt(now);
                break;
            case GuestState.Booting:
                Enter(GuestState.Running, TimeSpan.MaxValue);
                agent.Start(now);
                break;
            case GuestState.Suspended:
                saved = Actual;
                Enter(GuestState.Dying, now + DyingFor);
                break;
            case GuestState.Crashed or GuestState.Migrating:
                if (State == GuestState.Migrating) shutdownReason = ShutdownReason.Suspend;
                Enter(GuestState.Dying, now + DyingFor);
                break;
            case GuestState.Dying:
                KiB released = Occupied;
                (Actual, Outstanding) = (KiB.Zero, KiB.Zero);
                if (saved is null) this.memory.Drop();
                Enter(GuestState.Absent, TimeSpan.MaxValue);
                return released;
        }

        return KiB.Zero;
    }
}
