using System.Collections.Immutable;

namespace XenBalloon.Simulation.Files.Reading;

/// <summary>Collects what is wrong with a file: as much as a person may want to read at once.</summary>
/// <param name="file">The file, as it was named.</param>
internal sealed class FileErrors(string file)
{
    private const int Most = 50;

    private const int LongestMessage = 300;

    private readonly List<ScenarioError> errors = [];

    /// <summary>Whether so much is wrong that it is no use to read on.</summary>
    public bool Full => errors.Count >= Most;

    /// <summary>How much is wrong so far.</summary>
    public int Count => errors.Count;

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool None => errors.Count == 0;

    /// <summary>Adds an error.</summary>
    public void Add(Place at, string message)
    {
        if (Full) return;
        errors.Add(new ScenarioError(Printable(file), at.Line, at.Column, Printable(message)));
        if (Full) errors.Add(new ScenarioError(Printable(file), 0, 0, $"only the first {Most} errors are shown"));
    }

    /// <summary>All of them, in order of lines; what is about the file as a whole comes last.</summary>
    public ImmutableArray<ScenarioError> InOrder() =>
        [.. errors.OrderBy(error => error.Line == 0 ? int.MaxValue : error.Line).ThenBy(error => error.Column)];

    // What a file holds may be anything: on a terminal it is shown without control characters, and not at any length.
    private static string Printable(string text)
    {
        string start = text.Length <= LongestMessage ? text : string.Concat(text.AsSpan(0, LongestMessage), "…");
        return string.Concat(start.Select(letter => char.IsControl(letter) ? '?' : letter));
    }
}
