namespace XenBalloon.RigBenchmarks;

/// <summary>Who moves memory.</summary>
internal enum Mover
{
    /// <summary>Nobody: the hot guest has all it can use from the beginning.</summary>
    Ceiling,

    /// <summary>
    /// Targets that are written at the moment at which the need begins, by one who knows what it will come to: the
    /// idle guests' at once, the hot one's as memory comes free.
    /// </summary>
    ByHand,

    /// <summary>Nobody: each keeps what it has.</summary>
    Nobody,

    /// <summary>xenballoond.</summary>
    Ours,
}

/// <summary>How guests report: by our agent, or as XenServer's does, each second or each minute.</summary>
internal enum Reports
{
    Second,
    Minute,
    Agent,
}

/// <summary>One time that a scenario is gone through.</summary>
internal sealed record Run(Scenario Scenario, Mover Mover, Reports Reports)
{
    public string Name => Mover switch
    {
        Mover.Ours => $"{Scenario.Name}-ours-{Reports.ToString().ToLowerInvariant()}",
        _ => $"{Scenario.Name}-{Mover.ToString().ToLowerInvariant()}",
    };

    // In which a guest that speaks once a minute says twice that it is in need.
    private const int MinutesSeconds = 125;

    // After which work goes on as it does, where nobody moves memory.
    private const int UnmovedSeconds = 20;

    public IReadOnlyList<Phase> Phases =>
        Reports == Reports.Minute ? [Scenario.Phases[0] with { Seconds = MinutesSeconds }]
        : IsFirstPhaseEnough ? [Scenario.Phases[0] with { Seconds = UnmovedSeconds }]
        : Scenario.Phases;

    /// <summary>Whether what is measured in the first phase is true of all.</summary>
    public bool IsFirstPhaseEnough => Scenario.Symmetric && Mover is (Mover.Ceiling or Mover.Nobody);

    /// <summary>
    /// In the first so many milliseconds of a phase nobody can know what the need comes to: with the first report
    /// there is one, with the second it grows.
    /// </summary>
    public int UnheardMilliseconds => Reports == Reports.Minute ? 62_000 : 3000;

    /// <summary>Needs a host with memory for all, without the ballast that makes it as small as it is to be.</summary>
    public bool Roomy => Mover is Mover.Ceiling;

    /// <summary>What the guests are to hold at first.</summary>
    public IReadOnlyList<int> SizesMiB => Mover == Mover.Ceiling
        ? [.. Scenario.SizesMiB.Select((size, i) => Phases.Any(p => p.Hot.Contains(i)) ? Scenarios.MaxMiB : size)]
        : Scenario.SizesMiB;
}
