using XenBalloon.Simulation.Files.Traces;

namespace XenBalloon.Simulation.Files.Reading;

/// <summary>Where the files are that a scenario file names.</summary>
internal interface IFileSource
{
    /// <summary>Reads a recording.</summary>
    /// <param name="name">The file, as the scenario names it.</param>
    /// <param name="error">Why there is none; null where there is one.</param>
    Trace? Trace(string name, out string? error);
}
