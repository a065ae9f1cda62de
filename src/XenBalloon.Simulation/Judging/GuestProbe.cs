using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>Measures a guest tick by tick.</summary>
internal sealed class GuestProbe(SimulatedGuest guest)
{
    /// <summary>Once a second is enough to end a window on time.</summary>
    private const int TicksPerSample = Tick.PerSecond;

    private readonly DurationRecorder deliveries = new();
    private readonly DurationRecorder shareDeliveries = new();
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

    /// <summary>Its shortage and its idle memory.</summary>
    public ShortageProbe Shortage { get; } = new(guest.Description);

    /// <summary>Whether the hypervisor holds memory for it.</summary>
    public bool IsPresent => guest.State != GuestState.Absent;

    /// <summary>Whether it runs, and so needs memory and can get it.</summary>
    public bool IsWorking => guest.State == GuestState.Running && !guest.IsPaused;

    /// <summary>The memory held for it at the last tick.</summary>
    public KiB HeldBefore { get; private set; }

    /// <summary>Whether its balloon has moved since the last tick.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Records a tick.</summary>
    public void OnTick()
    {
        HasMoved = IsPresent && wasPresent && guest.Occupied != HeldBefore;
        (HeldBefore, wasPresent) = (guest.Occupied, IsPresent);

        // A guest whose programs were killed for lack of memory is stalled although they are gone.
        if (++ticks % TicksPerSample == 0) windows.OnTick(guest.Outcome());
        if (IsPresent) presentTicks++;
    }

    /// <summary>Sets the policy's estimate of the working set until its next pass; null if it has none.</summary>
    public void OnEstimated(KiB? estimate) => this.estimate = estimate;

    /// <summary>Records the entitlement of the last tick.</summary>
    /// <param name="now">The end of the tick.</param>
    /// <param name="entitled">The entitlement.</param>
    /// <param name="guaranteed">The guest's need, up to its share by weight alone.</param>
    public void OnEntitled(TimeSpan now, double entitled, double guaranteed)
    {
        Shortage.OnTick(now, guest.Actual, guest.NeedWithoutKills, guest.InUse);
        entitledKiBTicks += entitled;
        receivedKiBTicks += Math.Min(guest.Actual.Value, guest.Needed.Value);
        if (estimate is { } known) tracking.OnTick(known, guest.Needed);
        deliveries.OnTick(IsShortOf(entitled));
        shareDeliveries.OnTick(IsShortOf(guaranteed));
    }

    /// <summary>Records a tick in which the guest does not exist or does not run.</summary>
    public void OnIdle()
    {
        Shortage.OnIdle();
        deliveries.OnTick(holds: false);
        shareDeliveries.OnTick(holds: false);
    }

    /// <summary>The result.</summary>
    public GuestRun Sum() => new()
    {
        Outcome = guest.Outcome(),
        Habit = guest.Description.Reporting.Habit,
        Present = Tick.Length * presentTicks,
        HeldAtEnd = IsPresent ? guest.Occupied : KiB.Zero,
        EntitledKiBSeconds = entitledKiBTicks / Tick.PerSecond,
        ReceivedKiBSeconds = receivedKiBTicks / Tick.PerSecond,
        ShortageKiBSeconds = Shortage.ShortageKiBSeconds,
        Slowdowns = windows.Sorted(),
        Deliveries = deliveries.Sum(),
        ShareDeliveries = shareDeliveries.Sum(),
        EstimateAccuracy = tracking.Sum(),
    };

    private bool IsShortOf(double due) => guest.Actual.Value + ShortageProbe.Noticeable.Value < due;
}

/// <summary>Measures a guest's slowdown in windows of work.</summary>
internal sealed class SlowdownWindows
{
    /// <summary>The slowdown of a window without any progress, which would otherwise be infinite.</summary>
    public const double Worst = 100;

    /// <summary>The length of a window, in time of work.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly List<double> slowdowns = [];
    private TimeSpan workedBefore;
    private TimeSpan stalledBefore;

    /// <summary>Ends the window when it is full.</summary>
    public void OnTick(GuestOutcome outcome)
    {
        TimeSpan worked = outcome.Worked - workedBefore;
        if (worked < Length) return;
        slowdowns.Add(Slowdown(worked, outcome.Stalled - stalledBefore));
        (workedBefore, stalledBefore) = (outcome.Worked, outcome.Stalled);
    }

    /// <summary>The slowdowns of all full windows, in ascending order.</summary>
    public ImmutableArray<double> Sorted() => [.. slowdowns.Order()];

    /// <summary>The factor by which work took longer than without waiting; 1 for no waiting.</summary>
    public static double Slowdown(TimeSpan worked, TimeSpan stalled) =>
        worked <= stalled * (Worst / (Worst - 1)) ? Worst : worked / (worked - stalled);
}

/// <summary>Records for how long a condition held, each time.</summary>
internal sealed class DurationRecorder
{
    private readonly List<TimeSpan> ended = [];
    private long ticks;

    /// <summary>Records a tick.</summary>
    /// <param name="holds">Whether the condition held in this tick.</param>
    public void OnTick(bool holds)
    {
        if (holds) ticks++;
        else End();
    }

    /// <summary>All durations, in ascending order, with the current one.</summary>
    public ImmutableArray<TimeSpan> Sum()
    {
        End();
        return [.. ended.Order()];
    }

    private void End()
    {
        if (ticks > 0) ended.Add(Tick.Length * ticks);
        ticks = 0;
    }
}
