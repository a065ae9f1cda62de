using System.Collections.Immutable;

namespace XenBalloon.Simulation.Files;

/// <summary>Collects the errors of a file, up to a limit.</summary>
/// <param name="file">The file's name for the errors.</param>
internal sealed class FileErrors(string file)
{
    private const int Most = 50;

    private const int LongestMessage = 300;

    private readonly List<ScenarioError> errors = [];

    /// <summary>Whether the limit is reached, so that parsing can stop.</summary>
    public bool Full => errors.Count >= Most;

    /// <summary>Whether there is no error so far.</summary>
    public bool None => errors.Count == 0;

    /// <summary>Adds an error.</summary>
    public void Add(Position at, string message)
    {
        if (Full) return;
        errors.Add(new ScenarioError(Printable(file), at.Line, at.Column, Printable(message)));
        if (Full) errors.Add(new ScenarioError(Printable(file), 0, 0, $"only the first {Most} errors are shown"));
    }

    /// <summary>All errors in the order of lines; errors of the whole file come last.</summary>
    public ImmutableArray<ScenarioError> InOrder() =>
        [.. errors.OrderBy(error => error.Line == 0 ? int.MaxValue : error.Line).ThenBy(error => error.Column)];

    // A file can contain anything: control characters and long lines must not reach a terminal.
    private static string Printable(string text)
    {
        string start = text.Length <= LongestMessage ? text : string.Concat(text.AsSpan(0, LongestMessage), "…");
        return string.Concat(start.Select(letter => char.IsControl(letter) ? '?' : letter));
    }
}
