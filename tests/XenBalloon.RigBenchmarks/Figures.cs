namespace XenBalloon.RigBenchmarks;

/// <summary>
/// What a phase of a run came to. Null is what cannot be said: no ceiling was measured, it never came.
/// </summary>
internal sealed record Figures
{
    public required string Kind { get; init; }

    public required string Scenario { get; init; }

    public required string Mover { get; init; }

    public required string Reports { get; init; }

    /// <summary>From 1.</summary>
    public required int Phase { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Operations of the hot guests.</summary>
    public required double Work { get; init; }

    /// <summary>In percent of what is done where memory lacks nowhere, in the whole phase.</summary>
    public double? OfCeiling { get; init; }

    /// <summary>Likewise from the second report on.</summary>
    public double? OfCeilingLater { get; init; }

    /// <summary>In percent of what is done where one who knows what will be needed writes targets at once.</summary>
    public double? OfByHand { get; init; }

    /// <summary>In percent of what is done where nobody moves memory.</summary>
    public double? OfStatic { get; init; }

    /// <summary>Seconds from the need to the hot guest's next report.</summary>
    public double? FirstReport { get; init; }

    /// <summary>Seconds from the need to the first target that was written.</summary>
    public double? FirstTarget { get; init; }

    /// <summary>
    /// Seconds until the hot guests held nine tenths of what they lacked, from the moment at which they would have used
    /// more than they held.
    /// </summary>
    public double? Delivered { get; init; }

    /// <summary>The same way where one who knows what will be needed writes targets at once, from that moment.</summary>
    public double? DeliveredByHand { get; init; }

    /// <summary>The least that a hot guest's kernel called available, MiB.</summary>
    public required long LeastAvailableMiB { get; init; }

    /// <summary>How much of what the hot guests lacked lay idle elsewhere or was free, in percent; by time.</summary>
    public double? Hoarded { get; init; }

    /// <summary>What the hot guests lacked, MiB times seconds.</summary>
    public double? ShortMiBSeconds { get; init; }

    /// <summary>What a hot guest held, MiB: the mean over the phase.</summary>
    public required double HeldMiB { get; init; }

    /// <summary>
    /// What the simulator says of <see cref="OfCeiling"/>, from when the memory is filled; null where it has nothing
    /// like it.
    /// </summary>
    public double? SimulatedOfCeiling { get; init; }

    /// <summary><see cref="HeldMiB"/> as the simulator has it.</summary>
    public double? SimulatedHeldMiB { get; init; }

    public required long HotSwapIns { get; init; }

    public required long HotSwapOuts { get; init; }

    public required long OtherSwapIns { get; init; }

    public required long OtherSwapOuts { get; init; }

    public required long OomKills { get; init; }

    public required int Deaths { get; init; }

    public required double DaemonSeconds { get; init; }

    /// <summary>Seconds until the domain was there that was to be started.</summary>
    public double? Started { get; init; }

    /// <summary>The same phase in two results.</summary>
    public string Key => $"{Kind} {Scenario} {Mover} {Reports} {Phase}";
}
