namespace XenBalloon.Simulation.Files.Reading;

/// <summary>Where something stands in a file.</summary>
/// <param name="Line">The line, from 1; 0 for the file as a whole.</param>
/// <param name="Column">The column in characters, from 1; 0 for the line as a whole.</param>
internal readonly record struct Place(int Line, int Column) : IComparable<Place>
{
    /// <summary>The file as a whole.</summary>
    public static Place Nowhere => default;

    /// <inheritdoc/>
    public int CompareTo(Place other) => (Line, Column).CompareTo((other.Line, other.Column));
}
