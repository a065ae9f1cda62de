using System.Runtime.CompilerServices;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// A record of xenballoon-agent, <c>data/xenballoon</c>: <c>v=1 total_kib=… available_kib=…</c>, pairs separated by one
/// space, in any order after the version. The guest may write anything, so one malformed pair makes the whole record
/// invalid. Unknown names are skipped, so that newer agents can report more.
/// </summary>
internal readonly struct AgentRecord
{
    /// <summary>The most characters that an agent writes.</summary>
    internal const int MaxLength = 512;

    private const string Version = "v=1";

    /// <summary>In the order of <see cref="AgentField"/>.</summary>
    private static readonly string[] Names =
    [
        "uptime_ms", "total_kib", "available_kib", "free_kib", "anon_kib", "file_kib", "shmem_kib", "slab_kib",
        "swap_kib", "swapped_kib", "committed_kib", "balloon_kib", "refaults", "majfaults", "swapins",
        "oom_kills", "some_bp", "some_us", "full_bp", "full_us", "io_bp", "leaving",
    ];

    private readonly Values values;

    private AgentRecord(in Values values) => this.values = values;

    /// <summary>A value of the record, of at most 15 digits; null where the record does not contain it.</summary>
    public long? this[AgentField field] => this.values[(int)field];

    /// <summary>Parses a record.</summary>
    /// <returns>Null for text that no agent writes.</returns>
    public static AgentRecord? Parse(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength || !text.StartsWith(Version, StringComparison.Ordinal)) return null;
        ReadOnlySpan<char> rest = text[Version.Length..];
        Values values = default;
        while (!rest.IsEmpty)
        {
            if (rest[0] != ' ') return null;
            rest = rest[1..];
            int end = rest.IndexOf(' ');
            ReadOnlySpan<char> pair = end < 0 ? rest : rest[..end];
            rest = rest[pair.Length..];
            if (!TryParsePair(pair, ref values)) return null;
        }

        return new AgentRecord(values);
    }

    private static bool TryParsePair(ReadOnlySpan<char> pair, ref Values values)
    {
        int equals = pair.IndexOf('=');
        if (equals <= 0 || DecimalText.ToNumber(pair[(equals + 1)..]) is not { } value) return false;
        ReadOnlySpan<char> name = pair[..equals];
        for (int field = 0; field < Names.Length; field++)
        {
            if (!name.SequenceEqual(Names[field])) continue;
            if (values[field] is not null) return false;
            values[field] = value;
            return true;
        }

        foreach (char letter in name)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '_') return false;
        }

        return true;
    }

    /// <summary>One for each <see cref="AgentField"/>. Not in the heap: each report has a record.</summary>
    [InlineArray((int)AgentField.Leaving + 1)]
    private struct Values
    {
        private long? first;
    }
}

/// <summary>The values that are read from a record, named as in xenballoon-agent(8).</summary>
internal enum AgentField
{
    /// <summary><c>uptime_ms</c></summary>
    Uptime,

    /// <summary><c>total_kib</c></summary>
    Total,

    /// <summary><c>available_kib</c></summary>
    Available,

    /// <summary><c>free_kib</c></summary>
    Free,

    /// <summary><c>anon_kib</c></summary>
    Anonymous,

    /// <summary><c>file_kib</c></summary>
    FileCache,

    /// <summary><c>shmem_kib</c></summary>
    Shared,

    /// <summary><c>slab_kib</c></summary>
    Slab,

    /// <summary><c>swap_kib</c></summary>
    SwapTotal,

    /// <summary><c>swapped_kib</c></summary>
    SwapUsed,

    /// <summary><c>committed_kib</c></summary>
    Committed,

    /// <summary><c>balloon_kib</c></summary>
    Balloon,

    /// <summary><c>refaults</c></summary>
    Refaults,

    /// <summary><c>majfaults</c></summary>
    MajorFaults,

    /// <summary><c>swapins</c></summary>
    SwapIns,

    /// <summary><c>oom_kills</c></summary>
    OomKills,

    /// <summary><c>some_bp</c></summary>
    MemorySome,

    /// <summary><c>some_us</c></summary>
    MemorySomeTotal,

    /// <summary><c>full_bp</c></summary>
    MemoryFull,

    /// <summary><c>full_us</c></summary>
    MemoryFullTotal,

    /// <summary><c>io_bp</c></summary>
    IoSome,

    /// <summary><c>leaving</c></summary>
    Leaving,
}
