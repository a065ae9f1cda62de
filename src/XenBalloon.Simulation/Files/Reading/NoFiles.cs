using XenBalloon.Simulation.Files.Traces;

namespace XenBalloon.Simulation.Files.Reading;

/// <summary>For a text that is no file: there is nothing beside it.</summary>
internal sealed class NoFiles : IFileSource
{
    /// <inheritdoc/>
    public Trace? Trace(string name, out string? error)
    {
        error = "other files can be named in files only";
        return null;
    }
}
