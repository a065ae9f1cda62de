using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Reports;

/// <summary>Our own agent's report: <c>data/xenballoon</c>.</summary>
internal static class AgentReport
{
    /// <summary>More than a hundred years; more would not fit into a time.</summary>
    private const long LongestMilliseconds = 1L << 42;

    private const double BasisPoints = 10_000;

    /// <summary>Reads a report that anybody may have written.</summary>
    /// <param name="text">The leaf's value; null where missing.</param>
    /// <param name="most">The most that the domain can have: what is claimed beyond it is cut off.</param>
    /// <returns>Null for what no agent writes.</returns>
    public static ReportedMemory? Parse(string? text, KiB most)
    {
        if (AgentRecord.Read(text) is not { } record) return null;
        if (record[AgentField.Total] is not { } total || record[AgentField.Available] is not { } available || total == 0 || available > total) return null;
        KiB managed = KiB.Min(new KiB(total), most);
        return new ReportedMemory(ReportSource.Agent, KiB.Min(new KiB(total - available), managed), managed, Vitals(record, managed));
    }

    private static GuestVitals Vitals(in AgentRecord record, KiB total) => new()
    {
        Uptime = record[AgentField.Uptime] is { } uptime ? TimeSpan.FromMilliseconds(Math.Min(uptime, LongestMilliseconds)) : null,
        Free = Part(record[AgentField.Free], total),
        Anonymous = Part(record[AgentField.Anonymous], total),
        FileCache = Part(record[AgentField.FileCache], total),
        Shared = Part(record[AgentField.Shared], total),
        SwapTotal = Size(record[AgentField.SwapTotal]),
        SwapUsed = Size(record[AgentField.SwapUsed]),
        Committed = Size(record[AgentField.Committed]),
        SwapIns = record[AgentField.SwapIns],
        MemorySomeTotal = Time(record[AgentField.MemorySomeTotal]),
        MemorySome = record[AgentField.MemorySome] / BasisPoints,
        IoSome = record[AgentField.IoSome] / BasisPoints,
    };

    private static KiB? Size(long? kib) => kib is { } size ? new KiB(size) : null;

    private static KiB? Part(long? kib, KiB total) => Size(kib) is { } part ? KiB.Min(part, total) : null;

    private static TimeSpan? Time(long? microseconds) => microseconds is { } time ? TimeSpan.FromMicroseconds(time) : null;
}
