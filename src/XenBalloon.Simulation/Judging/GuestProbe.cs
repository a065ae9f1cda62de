using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Outcomes;

namespace XenBalloon.Simulation.Judging;

/// <summary>Watches a guest tick by tick, and sums up what only that shows.</summary>
internal sealed class GuestProbe(SimulatedGuest guest)
{
    /// <summary>Once a second is often enough to end a window on time.</summary>
    private const int TicksPerLook = Machine.TicksPerSecond;

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
        Lack.OnTick(now, guest.Actual, guest.Asked, guest.InUse);
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
        Present = Machine.TickLength * presentTicks,
        HeldAtEnd = IsPresent ? guest.Occupied : KiB.Zero,
        EntitledKiBSeconds = entitledKiBTicks / Machine.TicksPerSecond,
        ReceivedKiBSeconds = receivedKiBTicks / Machine.TicksPerSecond,
        ShortageKiBSeconds = Lack.ShortageKiBSeconds,
        Slowdowns = windows.Sorted(),
        Deliveries = deliveries.Sum(),
        ShareDeliveries = shareDeliveries.Sum(),
        Tracking = tracking.Sum(),
    };

    private bool Lacks(double due) => guest.Actual.Value + LackProbe.Noticeable.Value < due;
}

/// <summary>Cuts a guest's work into windows, and says of each how much longer it took than without waiting.</summary>
internal sealed class SlowdownWindows
{
    /// <summary>Nothing at all done in a window would be infinitely slow, and no mean could hold it.</summary>
    public const double Worst = 100;

    /// <summary>How much work a window holds.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly List<double> slowdowns = [];
    private TimeSpan workedBefore;
    private TimeSpan stalledBefore;

    /// <summary>Some time has gone by.</summary>
    public void OnTick(GuestOutcome outcome)
    {
        TimeSpan worked = outcome.Worked - workedBefore;
        if (worked < Length) return;
        slowdowns.Add(Slowdown(worked, outcome.Stalled - stalledBefore));
        (workedBefore, stalledBefore) = (outcome.Worked, outcome.Stalled);
    }

    /// <summary>The whole windows, in ascending order.</summary>
    public ImmutableArray<double> Sorted() => [.. slowdowns.Order()];

    /// <summary>How much longer work took than without waiting: 1 for not at all.</summary>
    public static double Slowdown(TimeSpan worked, TimeSpan stalled) => worked <= stalled * (Worst / (Worst - 1)) ? Worst : worked / (worked - stalled);
}

/// <summary>How long something was so, each time, tick by tick.</summary>
internal sealed class Stretches
{
    private readonly List<TimeSpan> ended = [];
    private long ticks;

    /// <summary>A tick has gone by.</summary>
    /// <param name="isSo">Whether it was so in that tick.</param>
    public void OnTick(bool isSo)
    {
        if (isSo) ticks++;
        else End();
    }

    /// <summary>All of them, the last one perhaps still lasting, in ascending order of length.</summary>
    public ImmutableArray<TimeSpan> Sum()
    {
        End();
        return [.. ended.Order()];
    }

    private void End()
    {
        if (ticks > 0) ended.Add(Machine.TickLength * ticks);
        ticks = 0;
    }
}
