namespace XenBalloon.Simulation.Files;

/// <summary>What is wrong with a scenario file, and where.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">The line, from 1; 0 where it is the file as a whole.</param>
/// <param name="Column">The column in characters, from 1; 0 where it is the line as a whole.</param>
/// <param name="Message">What is wrong, and what would be right. Without control characters, and of bounded length, whatever the file holds.</param>
public readonly record struct ScenarioError(string File, int Line, int Column, string Message)
{
    /// <summary>As compilers write it, so that editors find the place: <c>web.scenario:12:10: unknown key 'memroy': did you mean 'memory'?</c></summary>
    public override string ToString() => (Line, Column) switch
    {
        (0, _) => $"{File}: {Message}",
        (_, 0) => $"{File}:{Line}: {Message}",
        _ => $"{File}:{Line}:{Column}: {Message}",
    };
}
