using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>Watches a guest tick by tick, and sums up what only that shows.</summary>
internal sealed class GuestProbe(SimulatedGuest guest)
{
    /// <summary>Once a second is often enough to end a window on time.</summary>
    private const int TicksPerLook = Tick.PerSecond;

    private readonly Stretches deliveries = new();
    private readonly Stretches shareDeliveries = new();
    private readonly SlowdownWindows windows = new();
    private readonly EstimateProbe tracking = new();
    private long ticks;
    private long presentTicks;
    private double entitledKiBTicks;
    private double receivedKiBTicks;
    private bool wasPresent;
    private KiB? estimate;

    /// <summary>The guest.</summary>
    public SimulatedGuest Guest => guest;

    /// <summary>What it lacks, and what lies idle in it.</summary>
    public LackProbe Lack { get; } = new(guest.Description);

    /// <summary>Whether the hypervisor holds memory for it.</summary>
    public bool IsPresent => guest.State != GuestState.Absent;

    /// <summary>Whether it works, and so needs and can be given memory.</summary>
    public bool IsWorking => guest.State == GuestState.Running && !guest.IsPaused;

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
        if (IsPresent) presentTicks++;
    }

    /// <summary>Until the policy decides again, it takes the guest to use this much; null for a policy that does not say.</summary>
    public void OnEstimated(KiB? estimate) => this.estimate = estimate;

    /// <summary>In the tick that has gone by it was entitled to this much.</summary>
    /// <param name="now">The tick's end.</param>
    /// <param name="entitled">What it was entitled to.</param>
    /// <param name="guaranteed">What it needed of its share by weight alone, whatever the others claim.</param>
    public void OnEntitled(TimeSpan now, double entitled, double guaranteed)
    {
        Lack.OnTick(now, guest.Actual, guest.NeedWithoutKills, guest.InUse);
        entitledKiBTicks += entitled;
        receivedKiBTicks += Math.Min(guest.Actual.Value, guest.Needed.Value);
        if (estimate is { } known) tracking.OnTick(known, guest.Needed);
        deliveries.OnTick(Lacks(entitled));
        shareDeliveries.OnTick(Lacks(guaranteed));
    }

    /// <summary>It is not there, or does not work, so it lacks nothing.</summary>
    public void OnIdle()
    {
        Lack.OnIdle();
        deliveries.OnTick(isSo: false);
        shareDeliveries.OnTick(isSo: false);
    }

    /// <summary>What it all came to.</summary>
    public GuestRun Sum() => new()
    {
        Outcome = guest.Outcome(),
        Habit = guest.Description.Reporting.Habit,
        Present = Tick.Length * presentTicks,
        HeldAtEnd = IsPresent ? guest.Occupied : KiB.Zero,
        EntitledKiBSeconds = entitledKiBTicks / Tick.PerSecond,
        ReceivedKiBSeconds = receivedKiBTicks / Tick.PerSecond,
        ShortageKiBSeconds = Lack.ShortageKiBSeconds,
        Slowdowns = windows.Sorted(),
        Deliveries = deliveries.Sum(),
        ShareDeliveries = shareDeliveries.Sum(),
        Tracking = tracking.Sum(),
    };

    private bool Lacks(double due) => guest.Actual.Value + LackProbe.Noticeable.Value < due;
}
