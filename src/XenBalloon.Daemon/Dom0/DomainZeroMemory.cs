namespace XenBalloon.Daemon.Dom0;

/// <summary>
/// Whether Xen's command line gives dom0 a size, as xl and libvirt see it: they balloon dom0 unless a word
/// <c>dom0_mem=</c> consists of sizes that they know. What Xen itself understands is more, and does not count.
/// </summary>
internal static class DomainZeroMemory
{
    private const string Option = "dom0_mem=";

    /// <summary>The first Xen whose xl knows negative sizes, TiB and percentages.</summary>
    private static readonly Version Newer = new(4, 16);

    /// <summary>The words that give dom0 a size or seem to.</summary>
    internal static IEnumerable<string> Words(string commandLine) =>
        commandLine.Split(' ').Where(word => word.StartsWith(Option, StringComparison.Ordinal));

    /// <summary>Whether the xl of a version of Xen finds a size for dom0.</summary>
    /// <param name="commandLine">Xen's command line.</param>
    /// <param name="xen">The version; null if unknown, for what every xl finds.</param>
    internal static bool IsKnownToXl(string commandLine, Version? xen) =>
        Words(commandLine).Any(word => AreSizes(word.AsSpan(Option.Length), xen >= Newer));

    /// <summary>Whether libvirt finds a size for dom0: it reads what xl before 4.16 did.</summary>
    internal static bool IsKnownToLibvirt(string commandLine) => IsKnownToXl(commandLine, null);

    private static bool AreSizes(ReadOnlySpan<char> text, bool newer)
    {
        if (text.IsEmpty) return false;
        while (!text.IsEmpty)
        {
            int length = LengthOfSize(text, newer);
            if (length == 0) return false;
            text = text[length..];
            if (text is [',', ..]) text = text[1..];
        }

        return true;
    }

    /// <summary>The length of the size that a text begins with: <c>max:2G</c>, <c>-64M</c>, <c>1G+10%</c>.</summary>
    private static int LengthOfSize(ReadOnlySpan<char> text, bool newer)
    {
        int at = HasBound(text) ? "min:".Length : 0;
        bool isNegative = newer && at < text.Length && text[at] == '-';
        if (isNegative) at++;
        int digits = Digits(text[at..]);
        if (digits == 0) return 0;
        at += digits;
        ReadOnlySpan<char> rest = text[at..];
        if (rest.IsEmpty) return at;

        // No comma is needed between sizes: 200% is 2 and 00%, -10% is -1 and 0%, and 1max:2 is 1 and max:2.
        if (newer && rest[0] == '%') return isNegative && digits == 1 ? 0 : at + 1;
        if (HasBound(rest)) return at;
        if ("bBkKmMgG".Contains(rest[0], StringComparison.Ordinal) || (newer && rest[0] is 't' or 'T')) at++;
        rest = text[at..];
        if (!newer || rest is not ['+', .. var percentage]) return at;
        int length = Digits(percentage);
        return length is 1 or 2 && percentage[length..] is ['%', ..] ? at + 1 + length + 1 : 0;
    }

    private static bool HasBound(ReadOnlySpan<char> text) => text.StartsWith("min:") || text.StartsWith("max:");

    private static int Digits(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }
}
