namespace XenBalloon.Simulation.Files.Traces;

/// <summary>A column of whole numbers.</summary>
/// <param name="Name">As the header has it.</param>
/// <param name="Most">The largest number that makes sense in it.</param>
/// <param name="Set">Puts a number into a sample.</param>
internal sealed record TraceColumn(string Name, long Most, Func<TraceSample, long, TraceSample> Set)
{
    /// <summary>Whether a recording without it says too little.</summary>
    public bool Required { get; init; }
}
