namespace XenBalloon.Testing;

/// <summary>A folder that goes away with the test, and what is in it too.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("xenballoon-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
