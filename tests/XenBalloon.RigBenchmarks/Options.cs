using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>
/// What is asked for: words name scenarios, kinds of guests, ways to report; of a sort not named, all.
/// </summary>
internal sealed record Options(
    IReadOnlyList<GuestKind> Kinds, IReadOnlyList<Scenario> Scenarios, IReadOnlyList<Reports> Reports, bool EveryKind,
    string? Baseline, string InstructionShift)
{
    // 8 ns an instruction: see tests/rig/README.md.
    private const string DefaultShift = "3";

    public static Options Parse(IReadOnlyList<string> words)
    {
        var kinds = Enum.GetNames<GuestKind>();
        string[] known = [.. kinds, .. Enum.GetNames<Reports>(), .. RigBenchmarks.Scenarios.All.Select(s => s.Name)];
        foreach (var word in words.Where(w => !known.Contains(w, StringComparer.OrdinalIgnoreCase)))
            throw new ArgumentException($"'{word}' is none of: {string.Join(' ', known)}");
        return new Options(
            Named(words, Enum.GetValues<GuestKind>(), k => k.ToString()),
            Named(words, RigBenchmarks.Scenarios.All, s => s.Name),
            Named(words, Enum.GetValues<Reports>(), r => r.ToString()),
            words.Any(w => kinds.Contains(w, StringComparer.OrdinalIgnoreCase)),
            Variable("BASELINE"),
            Variable("RIG_ICOUNT") ?? DefaultShift);
    }

    /// <summary>What such guests go through: who names them wants all that is named with them.</summary>
    public IReadOnlyList<Scenario> For(GuestKind kind) =>
        [.. Scenarios.Where(s => EveryKind || s.Kinds.Contains(kind))];

    private static IReadOnlyList<T> Named<T>(IReadOnlyList<string> words, IReadOnlyList<T> all, Func<T, string> name)
    {
        var named = all.Where(one => words.Contains(name(one), StringComparer.OrdinalIgnoreCase)).ToList();
        return named.Count == 0 ? all : named;
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
