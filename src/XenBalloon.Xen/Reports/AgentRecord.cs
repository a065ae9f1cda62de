using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Reports;

/// <summary>
/// One record of our agent, <c>data/xenballoon</c>: <c>v=1 total_kib=… available_kib=…</c>, pairs with one space between them, in any order after the
/// version. Anybody may have written it, so all of it must be as an agent writes it, or none counts. Names that are not known are passed over: a newer
/// agent may say more.
/// </summary>
internal readonly struct AgentRecord
{
    /// <summary>No agent writes more characters.</summary>
    internal const int Longest = 512;

    private const string FirstPair = "v=1";

    private static readonly string[] Names =
    [
        "uptime_ms", "total_kib", "available_kib", "free_kib", "anon_kib", "file_kib", "shmem_kib", "slab_kib", "swap_kib", "swapped_kib", "committed_kib",
        "balloon_kib", "refaults", "majfaults", "swapins", "some_bp", "some_us", "full_bp", "full_us", "io_bp",
    ];

    private readonly long?[] values;

    private AgentRecord(long?[] values) => this.values = values;

    /// <summary>A value of the record; null where it says nothing of it. At most 15 digits, never negative.</summary>
    public long? this[AgentField field] => this.values[(int)field];

    /// <summary>Reads a record.</summary>
    /// <returns>Null for what no agent writes.</returns>
    public static AgentRecord? Read(ReadOnlySpan<char> text)
    {
        if (text.Length > Longest || !text.StartsWith(FirstPair, StringComparison.Ordinal)) return null;
        ReadOnlySpan<char> rest = text[FirstPair.Length..];
        var values = new long?[Names.Length];
        while (!rest.IsEmpty)
        {
            if (rest[0] != ' ') return null;
            rest = rest[1..];
            int end = rest.IndexOf(' ');
            ReadOnlySpan<char> pair = end < 0 ? rest : rest[..end];
            rest = rest[pair.Length..];
            if (!TryTake(pair, values)) return null;
        }

        return new AgentRecord(values);
    }

    private static bool TryTake(ReadOnlySpan<char> pair, long?[] values)
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
}
