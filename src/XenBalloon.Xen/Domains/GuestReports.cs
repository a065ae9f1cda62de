using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>What a guest's nodes report, checked to be possible.</summary>
/// <param name="Source">The program that wrote them.</param>
/// <param name="Used">Used memory: at least 0, at most what the domain can have.</param>
/// <param name="Total">The memory that the guest's kernel manages; null where the source does not report it.</param>
/// <param name="Vitals">Other numbers of the guest's kernel; null where the source does not report them.</param>
internal readonly record struct ReportedMemory(ReportSource Source, KiB Used, KiB? Total, GuestVitals? Vitals = null)
{
    /// <summary>Whether the agent announced that it stops, as when the guest shuts down.</summary>
    public bool IsLeaving { get; init; }
}

/// <summary>The report of xenballoon-agent: <c>data/xenballoon</c>.</summary>
internal static class AgentReport
{
    /// <summary>More than a hundred years; a larger number would not fit into a <see cref="TimeSpan"/>.</summary>
    private const long LongestMilliseconds = 1L << 42;

    private const double BasisPoints = 10_000;

    /// <summary>Parses a report. The guest may have written anything.</summary>
    /// <param name="text">The value of the node.</param>
    /// <param name="maximum">The most memory that the domain can have. Larger numbers are cut to it.</param>
    /// <returns>Null for text that no agent writes.</returns>
    public static ReportedMemory? Parse(ReadOnlySpan<byte> text, KiB maximum)
    {
        if (text.Length > AgentRecord.MaxLength) return null;
        Span<char> characters = stackalloc char[AgentRecord.MaxLength];
        return Parse(characters[..Encoding.Latin1.GetChars(text, characters)], maximum);
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, KiB)"/>
    public static ReportedMemory? Parse(ReadOnlySpan<char> text, KiB maximum)
    {
        if (AgentRecord.Parse(text) is not { } record) return null;
        if (record[AgentField.Total] is not { } total || record[AgentField.Available] is not { } available) return null;
        if (total == 0 || available > total) return null;
        KiB managed = KiB.Min(new KiB(total), maximum);
        KiB used = KiB.Min(new KiB(total - available), managed);
        return new ReportedMemory(ReportSource.Agent, used, managed, Vitals(record, managed))
        {
            IsLeaving = record[AgentField.Leaving] == 1,
        };
    }

    private static GuestVitals Vitals(in AgentRecord record, KiB total) => new()
    {
        Uptime = record[AgentField.Uptime] is { } uptime
            ? TimeSpan.FromMilliseconds(Math.Min(uptime, LongestMilliseconds))
            : null,
        Free = SizeUpTo(total, record[AgentField.Free]),
        Anonymous = SizeUpTo(total, record[AgentField.Anonymous]),
        FileCache = SizeUpTo(total, record[AgentField.FileCache]),
        Shared = SizeUpTo(total, record[AgentField.Shared]),
        SwapTotal = Size(record[AgentField.SwapTotal]),
        SwapUsed = Size(record[AgentField.SwapUsed]),
        Committed = Size(record[AgentField.Committed]),
        SwapIns = record[AgentField.SwapIns],
        OomKills = record[AgentField.OomKills],
        MemorySomeTotal = Time(record[AgentField.MemorySomeTotal]),
        MemorySome = record[AgentField.MemorySome] / BasisPoints,
        IoSome = record[AgentField.IoSome] / BasisPoints,
    };

    private static KiB? Size(long? kib) => kib is { } size ? new KiB(size) : null;

    private static KiB? SizeUpTo(KiB total, long? kib) => Size(kib) is { } size ? KiB.Min(size, total) : null;

    private static TimeSpan? Time(long? microseconds) =>
        microseconds is { } time ? TimeSpan.FromMicroseconds(time) : null;
}

/// <summary>
/// The report of the guest agents of XenServer and XCP-ng: <c>data/meminfo_total</c> and <c>data/meminfo_free</c>
/// (MemAvailable), every 60 to 120 s.
/// </summary>
internal static class XenServerReport
{
    /// <summary>Parses a report. The guest may have written anything.</summary>
    /// <param name="total">The value of <c>meminfo_total</c>; null where it is missing.</param>
    /// <param name="available">The value of <c>meminfo_free</c>; null where it is missing.</param>
    /// <param name="maximum">The most memory that the domain can have. Larger numbers are cut to it.</param>
    /// <returns>Null for text that no agent writes.</returns>
    public static ReportedMemory? Parse(string? total, string? available, KiB maximum)
    {
        if (DecimalText.ToSize(total) is not { } managed || DecimalText.ToSize(available) is not { } free) return null;
        if (managed == KiB.Zero || free > managed) return null;
        KiB used = KiB.Min(managed - free, maximum);
        return new ReportedMemory(ReportSource.XenServer, used, KiB.Min(managed, maximum));
    }
}

/// <summary>The report of Qubes' meminfo-writer: <c>memory/meminfo</c>, used memory and swap.</summary>
internal static class QubesReport
{
    /// <summary>Parses a report. The guest may have written anything.</summary>
    /// <param name="used">The value of the node; null where it is missing.</param>
    /// <param name="maximum">The most memory that the domain can have. Larger numbers are cut to it.</param>
    /// <returns>Null for text that meminfo-writer does not write.</returns>
    public static ReportedMemory? Parse(string? used, KiB maximum) =>
        DecimalText.ToSize(used) is { } size && size > KiB.Zero
            ? new ReportedMemory(ReportSource.Qubes, KiB.Min(size, maximum), null)
            : null;
}
