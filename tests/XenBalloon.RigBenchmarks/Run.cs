namespace XenBalloon.RigBenchmarks;

/// <summary>Who moves memory.</summary>
internal enum Mover
{
    /// <summary>Nobody: the hot guest has all it can use from the beginning.</summary>
    Ceiling,

    /// <summary>xl mem-set, when the need begins and out of memory that is free: as fast as a balloon can be.</summary>
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

    public IReadOnlyList<Phase> Phases =>
        Reports == Reports.Minute ? [Scenario.Phases[0] with { Seconds = MinutesSeconds }]
        : Mover == Mover.Ours || !Scenario.Symmetric ? Scenario.Phases
        : [Scenario.Phases[0]];

    /// <summary>
    /// In the first so many milliseconds of a phase nobody can know what the need comes to: with the first report
    /// there is one, with the second it grows.
    /// </summary>
    public int UnheardMilliseconds => Reports == Reports.Minute ? 62_000 : 3000;

    /// <summary>Needs a host with memory for all, without the ballast that makes it as small as it is to be.</summary>
    public bool Roomy => Mover is Mover.Ceiling or Mover.ByHand;

    /// <summary>What the guests are to hold at first.</summary>
    public IReadOnlyList<int> SizesMiB => Mover == Mover.Ceiling
        ? [.. Scenario.SizesMiB.Select((size, i) => Phases.Any(p => p.Hot.Contains(i)) ? Scenarios.MaxMiB : size)]
        : Scenario.SizesMiB;
}
