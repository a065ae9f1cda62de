namespace XenBalloon.RigBenchmarks;

/// <summary>The scenarios: three guests on a host that has <see cref="AllMiB"/> for all of them.</summary>
internal static class Scenarios
{
    public const int MemoryMiB = 320, MaxMiB = 640, AllMiB = 1257, SlackMiB = 32;

    /// <summary>The job of an idle guest.</summary>
    public const string Idle = "idle 30";

    private static readonly int[] Equal = [MemoryMiB, MemoryMiB, MemoryMiB];

    // No memory is free; the second guest is idle and has its maximum.
    private static readonly int[] BesideIdle = [AllMiB - MaxMiB - MemoryMiB, MaxMiB, MemoryMiB];

    private static readonly Mover[] CeilingOnly = [Mover.Ceiling], Bounds = [Mover.Ceiling, Mover.Static];

    private static readonly Mover[] AllMovers = [.. Bounds, Mover.ByHand];

    private static readonly Reports[] AgentOnly = [Reports.Agent];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("rotating", Equal, [OneHot(0, 60, "touch 400"), OneHot(1, 60, "touch 400"), OneHot(2, 60, "touch 400")])
        {
            Compared = AllMovers, Symmetric = true, ReportModes = [Reports.Second, Reports.Minute, Reports.Agent],
        },
        new("sudden", BesideIdle, [OneHot(0, 30, "touch 400")]) { Compared = AllMovers },
        new("slow", BesideIdle, [OneHot(0, 25, "touch 420 16")]) { Compared = CeilingOnly, ReportModes = AgentOnly },
        new("files", BesideIdle, [OneHot(0, 15, "files 400")]) { Compared = CeilingOnly, ReportModes = AgentOnly },
        new("build", BesideIdle, [OneHot(0, 15, "build 420")]) { Compared = CeilingOnly, ReportModes = AgentOnly },
        new(
            "database",
            BesideIdle,
            [OneHot(0, 15, "database 420")]) { Compared = CeilingOnly, ReportModes = AgentOnly },
        new(
            "start",
            BesideIdle,
            [OneHot(0, 12, "touch 180")]) { Compared = CeilingOnly, ReportModes = AgentOnly, StartMiB = 192 },
        new("liar", Equal, [new Phase(60, ["touch 270", "touch 270", Idle], [0, 1])])
        {
            Compared = CeilingOnly, Liar = 2,
        },
        // The first guest takes what it can before the swapless guest begins to work.
        new("swapless", Equal,
            [new Phase(12, ["touch 540", Idle, Idle], [0]), new Phase(15, ["touch 540", Idle, "touch 200"], [2])])
        {
            Compared = Bounds, Swapless = true,
        },
    ];

    private static Phase OneHot(int guest, int seconds, string job) =>
        new(seconds, [.. Enumerable.Range(0, 3).Select(i => i == guest ? job : Idle)], [guest]);
}

/// <summary>A stretch of a scenario: what each of the three guests has to do, and whose work counts.</summary>
/// <param name="Seconds">By the host's clock.</param>
/// <param name="Jobs">An order for each guest, as tests/rig/guest/jobs.c reads it.</param>
/// <param name="Hot">The guests whose work is measured.</param>
internal sealed record Phase(int Seconds, IReadOnlyList<string> Jobs, IReadOnlyList<int> Hot);

/// <summary>What three guests go through.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="SizesMiB">What each guest holds at first; the rest of <see cref="Scenarios.AllMiB"/> is free.</param>
/// <param name="Phases">In order.</param>
internal sealed record Scenario(string Name, IReadOnlyList<int> SizesMiB, IReadOnlyList<Phase> Phases)
{
    /// <summary>
    /// All phases differ only in which guest is hot. The runs without balancing measure only the first phase, and only
    /// until its rate is known.
    /// </summary>
    public bool Symmetric { get; init; }

    /// <summary>The guest that falsely reports that it uses all memory; null for none.</summary>
    public int? Liar { get; init; }

    /// <summary>The third guest has no swap.</summary>
    public bool Swapless { get; init; }

    /// <summary>The size of a domain that is started when the first phase begins.</summary>
    public int? StartMiB { get; init; }

    /// <summary>The runs without the daemon, to compare with.</summary>
    public required IReadOnlyList<Mover> Compared { get; init; }

    /// <summary>The kinds of reports by default.</summary>
    public IReadOnlyList<Reports> ReportModes { get; init; } = [Reports.Second, Reports.Agent];

    /// <summary>The runs of the scenario.</summary>
    /// <param name="reports">The kinds of reports; null for the default.</param>
    public IReadOnlyList<Run> Runs(IReadOnlyList<Reports>? reports) =>
    [
        .. Compared.Select(mover => new Run(this, mover, Reports.Second)),
        .. (reports ?? ReportModes).Select(r => new Run(this, Mover.Ours, r)),
    ];
}

/// <summary>How memory is moved in a run.</summary>
internal enum Mover
{
    /// <summary>It is not moved: the hot guest has all it can use from the start.</summary>
    Ceiling,

    /// <summary>
    /// Targets are written at the moment of need with knowledge of the need: the idle guests' at once, the hot guest's
    /// as memory becomes free.
    /// </summary>
    ByHand,

    /// <summary>It is not moved: each guest keeps what it has.</summary>
    Static,

    /// <summary>xenballoond balances.</summary>
    Ours,
}

/// <summary>How guests report: with xenballoon-agent, or as XenServer's agent each second or minute.</summary>
internal enum Reports
{
    Second,
    Minute,
    Agent,
}

/// <summary>A run of a scenario.</summary>
internal sealed record Run(Scenario Scenario, Mover Mover, Reports Reports)
{
    public string Name => Mover switch
    {
        Mover.Ours => $"{Scenario.Name}-ours-{Reports.ToString().ToLowerInvariant()}",
        _ => $"{Scenario.Name}-{Mover.ToString().ToLowerInvariant()}",
    };

    // Enough for two reports of a guest that reports once a minute.
    private const int MinutesSeconds = 125;

    // Work does not change any more after this time if memory is not moved.
    private const int UnmovedSeconds = 20;

    public IReadOnlyList<Phase> Phases =>
        Reports == Reports.Minute ? [Scenario.Phases[0] with { Seconds = MinutesSeconds }]
        : IsFirstPhaseEnough ? [Scenario.Phases[0] with { Seconds = UnmovedSeconds }]
        : Scenario.Phases;

    /// <summary>Whether the result of the first phase applies to all phases.</summary>
    public bool IsFirstPhaseEnough => Scenario.Symmetric && Mover is (Mover.Ceiling or Mover.Static);

    /// <summary>
    /// The time after which reports can show the need: the first report shows a need, the second one its growth.
    /// </summary>
    public int UninformedMilliseconds => Reports == Reports.Minute ? 62_000 : 3000;

    /// <summary>Whether the run needs a host without the ballast guest.</summary>
    public bool NeedsEmptyHost => Mover is Mover.Ceiling;

    /// <summary>The initial sizes of the guests.</summary>
    public IReadOnlyList<int> SizesMiB => Mover == Mover.Ceiling
        ? [.. Scenario.SizesMiB.Select((size, i) => Phases.Any(p => p.Hot.Contains(i)) ? Scenarios.MaxMiB : size)]
        : Scenario.SizesMiB;
}
