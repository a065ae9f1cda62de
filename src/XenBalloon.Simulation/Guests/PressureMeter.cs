namespace XenBalloon.Simulation.Guests;

/// <summary>One line of the kernel's pressure stall information: the time waited in all, and its part of the last 10 s.</summary>
internal struct PressureMeter
{
    // kernel/sched/psi.c: every 2 s (PSI_FREQ) the average moves by 1 − EXP_10s towards that time's part.
    private const int TicksPerUpdate = 2 * Machine.TicksPerSecond;
    private static readonly double Kept = Math.Exp(-2.0 / 10);
    private static readonly double UpdateLength = TicksPerUpdate * (double)Machine.TickLength.Ticks;

    private int ticks;
    private long waited;

    /// <summary>All the time waited.</summary>
    public TimeSpan Total { get; private set; }

    /// <summary>avg10, as a part of one.</summary>
    public double Average { get; private set; }

    /// <summary>Lives through one tick, of which this was waited.</summary>
    public void Advance(TimeSpan wait)
    {
        waited += wait.Ticks;
        Total += wait;
        if (++ticks < TicksPerUpdate) return;
        Average = (Average * Kept) + ((1 - Kept) * waited / UpdateLength);
        (ticks, waited) = (0, 0);
    }
}
