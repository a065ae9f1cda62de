using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>What agents say of their kernel that do not look at it.</summary>
internal static class Claims
{
    private const ulong NumbersPerReport = 16;

    /// <summary>The most that junk claims: 1 PiB.</summary>
    private static readonly KiB Most = new(1L << 40);

    /// <summary>A kernel in the greatest need that there is.</summary>
    /// <param name="now">How long it claims to have waited.</param>
    /// <param name="total">MemTotal.</param>
    public static GuestVitals OfNeed(TimeSpan now, KiB total) => new()
    {
        Free = KiB.Zero,
        Anonymous = total,
        FileCache = KiB.Zero,
        Shared = KiB.Zero,
        SwapTotal = total,
        SwapUsed = total,
        Committed = Most,
        SwapIns = now.Ticks,
        MemorySomeTotal = now,
        MemorySome = 1,
        IoSome = 1,
    };

    /// <summary>A kernel that needs nothing.</summary>
    /// <param name="total">MemTotal.</param>
    public static GuestVitals OfPlenty(KiB total) => new()
    {
        Free = total,
        Anonymous = KiB.Zero,
        FileCache = KiB.Zero,
        Shared = KiB.Zero,
        SwapTotal = KiB.Zero,
        SwapUsed = KiB.Zero,
        Committed = KiB.Zero,
        SwapIns = 0,
        MemorySomeTotal = TimeSpan.Zero,
        MemorySome = 0,
        IoSome = 0,
    };

    /// <summary>Anything for MemTotal.</summary>
    public static KiB JunkTotal(ulong seed, ulong report) => Size(seed, report, 0);

    /// <summary>Anything for what is in use, within a total: more than that no host takes for a report.</summary>
    public static KiB JunkUsed(ulong seed, ulong report, KiB total) => total.Times(Part(seed, report, 1));

    /// <summary>Anything, each time anew: even counters fall.</summary>
    public static GuestVitals Junk(ulong seed, ulong report) => new()
    {
        Free = Size(seed, report, 2),
        Anonymous = Size(seed, report, 3),
        FileCache = Size(seed, report, 4),
        Shared = Size(seed, report, 5),
        SwapTotal = Size(seed, report, 6),
        SwapUsed = Size(seed, report, 7),
        Committed = Size(seed, report, 8),
        SwapIns = Size(seed, report, 10).Value,
        MemorySomeTotal = TimeSpan.FromMilliseconds(Size(seed, report, 12).Value),
        MemorySome = Part(seed, report, 13),
        IoSome = Part(seed, report, 15),
    };

    private static KiB Size(ulong seed, ulong report, ulong number) => Most.Times(Part(seed, report, number));

    // The agent's interval begins at the seed's first number.
    private static double Part(ulong seed, ulong report, ulong number) => Noise.Part(seed, ((report + 1) * NumbersPerReport) + number);
}
