namespace XenBalloon.Xen.Store;

/// <summary>The toolstack's <c>vm</c> leaf: whose home this is.</summary>
internal static class VmPath
{
    private const string Prefix = "/vm/";
    private const int UuidLength = 36;

    /// <summary>
    /// Whether it names this UUID: <c>/vm/&lt;uuid&gt;</c>, or <c>/vm/&lt;uuid&gt;-1</c> as xend counted a domain's local migrations on.
    /// </summary>
    public static bool Names(ReadOnlySpan<char> value, Guid uuid)
    {
        if (!value.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        ReadOnlySpan<char> rest = value[Prefix.Length..];
        Span<char> name = stackalloc char[UuidLength];

        // Not the other way round: .NET takes "+0" for a hexadecimal digit.
        bool names = uuid.TryFormat(name, out _) && rest.StartsWith(name, StringComparison.OrdinalIgnoreCase);
        if (!names) return false;
        ReadOnlySpan<char> suffix = rest[UuidLength..];
        return suffix.IsEmpty || (suffix.Length > 1 && suffix[0] == '-' && !suffix[1..].ContainsAnyExceptInRange('0', '9'));
    }
}
