namespace XenBalloon.RigBenchmarks;

/// <summary>The scenarios. Three guests on a host with <see cref="AllMiB"/> for them in all.</summary>
internal static class Scenarios
{
    public const int MemoryMiB = 320, MaxMiB = 640, AllMiB = 1257, SlackMiB = 32;

    /// <summary>What a guest does that has nothing to do.</summary>
    public const string Idle = "idle 30";

    private static readonly int[] Equal = [MemoryMiB, MemoryMiB, MemoryMiB];

    // All is taken; the second, which is idle, has as much as it may have.
    private static readonly int[] BesideIdle = [AllMiB - MaxMiB - MemoryMiB, MaxMiB, MemoryMiB];

    private static readonly Mover[] CeilingOnly = [Mover.Ceiling], Bounds = [Mover.Ceiling, Mover.Nobody];

    private static readonly Mover[] Everybody = [.. Bounds, Mover.ByHand];

    private static readonly Reports[] AgentOnly = [Reports.Agent];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("rotating", Equal, [OneHot(0, 60, "touch 400"), OneHot(1, 60, "touch 400"), OneHot(2, 60, "touch 400")])
        {
            Compared = Everybody, Symmetric = true, Heard = [Reports.Second, Reports.Minute, Reports.Agent],
        },
        new("sudden", BesideIdle, [OneHot(0, 30, "touch 400")]) { Compared = Everybody },
        new("slow", BesideIdle, [OneHot(0, 25, "touch 420 16")]) { Compared = CeilingOnly, Heard = AgentOnly },
        new("files", BesideIdle, [OneHot(0, 15, "files 400")]) { Compared = CeilingOnly, Heard = AgentOnly },
        new("build", BesideIdle, [OneHot(0, 15, "build 420")]) { Compared = CeilingOnly, Heard = AgentOnly },
        new("database", BesideIdle, [OneHot(0, 15, "database 420")]) { Compared = CeilingOnly, Heard = AgentOnly },
        new("start", BesideIdle, [OneHot(0, 12, "touch 180")]) { Compared = CeilingOnly, Heard = AgentOnly, StartMiB = 192 },
        new("liar", Equal, [new Phase(60, ["touch 270", "touch 270", Idle], [0, 1])])
        {
            Compared = CeilingOnly, Liar = 2,
        },
        // The hungry one takes what it can before the swapless one begins to work.
        new("swapless", Equal,
            [new Phase(12, ["touch 540", Idle, Idle], [0]), new Phase(15, ["touch 540", Idle, "touch 200"], [2])])
        {
            Compared = Bounds, Swapless = true,
        },
    ];

    private static Phase OneHot(int who, int seconds, string job) =>
        new(seconds, [.. Enumerable.Range(0, 3).Select(i => i == who ? job : Idle)], [who]);
}
