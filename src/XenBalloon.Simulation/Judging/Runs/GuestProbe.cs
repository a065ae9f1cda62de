using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Watches a guest tick by tick, and sums up what only that shows.</summary>
internal sealed class GuestProbe(SimulatedGuest guest)
{
    /// <summary>Less than this is no lack worth telling of: balancers do not move less.</summary>
    private static readonly KiB Noticeable = KiB.FromMiB(16);

    /// <summary>Once a second is often enough to end a window on time.</summary>
    private const int TicksPerLook = Machine.TicksPerSecond;

    private readonly List<TimeSpan> deliveries = [];
    private readonly SlowdownWindows windows = new();
    private readonly EstimateProbe tracking = new();
    private long ticks;
    private long presentTicks;
    private long heldKiBTicks;
    private double entitledKiBTicks;
    private double receivedKiBTicks;
    private long lackingTicks;
    private bool wasPresent;
    private KiB? estimate;

    /// <summary>The guest.</summary>
    public SimulatedGuest Guest => guest;

    /// <summary>Whether the hypervisor holds memory for it.</summary>
    public bool IsPresent => guest.Stage != LifeStage.Gone;

    /// <summary>Whether it works, and so needs and can be given memory.</summary>
    public bool IsWorking => guest.Stage == LifeStage.Up && !guest.IsPaused;

    /// <summary>What the hypervisor held or kept for it at the last tick.</summary>
    public KiB Before { get; private set; }

    /// <summary>Whether its balloon has moved since the last tick.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>A tick has gone by.</summary>
    public void OnTick()
    {
        HasMoved = IsPresent && wasPresent && guest.Occupied != Before;
        (Before, wasPresent) = (guest.Occupied, IsPresent);

        // A guest that has died of want is not there and yet stalled.
        if (++ticks % TicksPerLook == 0) windows.OnTick(guest.Outcome());
        if (!IsPresent) return;
        presentTicks++;
        heldKiBTicks += guest.Occupied.Value;
    }

    /// <summary>Until the policy decides again, it takes the guest to use this much; null for a policy that does not say.</summary>
    public void OnEstimated(KiB? estimate) => this.estimate = estimate;

    /// <summary>In the tick that has gone by it was entitled to this much.</summary>
    public void OnEntitled(double entitled)
    {
        entitledKiBTicks += entitled;
        receivedKiBTicks += Math.Min(guest.Actual.Value, guest.Needed.Value);
        if (estimate is { } known) tracking.OnTick(known, guest.Needed);
        if (guest.Actual.Value + Noticeable.Value < entitled) lackingTicks++;
        else EndLack();
    }

    /// <summary>It is not there, or does not work, so it lacks nothing.</summary>
    public void OnIdle() => EndLack();

    /// <summary>What it all came to.</summary>
    public GuestRun Sum()
    {
        EndLack();
        deliveries.Sort();
        return new GuestRun
        {
            Outcome = guest.Outcome(),
            Present = Machine.TickLength * presentTicks,
            HeldKiBSeconds = heldKiBTicks / (double)Machine.TicksPerSecond,
            HeldAtEnd = IsPresent ? guest.Occupied : KiB.Zero,
            EntitledKiBSeconds = entitledKiBTicks / Machine.TicksPerSecond,
            ReceivedKiBSeconds = receivedKiBTicks / Machine.TicksPerSecond,
            Slowdowns = windows.Sorted(),
            Deliveries = [.. deliveries],
            Tracking = tracking.Sum(),
        };
    }

    private void EndLack()
    {
        if (lackingTicks > 0) deliveries.Add(Machine.TickLength * lackingTicks);
        lackingTicks = 0;
    }
}
