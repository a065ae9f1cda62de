using System.Reflection;

namespace XenBalloon.Testing;

/// <summary>A file that goes away with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    internal TemporaryFile(string extension, string text)
    {
        Path = System.IO.Path.ChangeExtension(System.IO.Path.GetTempFileName(), extension);
        File.WriteAllText(Path, text);
    }

    internal string Path { get; }

    public void Dispose()
    {
        File.Delete(Path);
        File.Delete(System.IO.Path.ChangeExtension(Path, ".tmp"));
    }
}

/// <summary>A folder that goes away with the test, and what is in it too.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("xenballoon-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Where the sources and what <c>make publish</c> made are.</summary>
internal static class Repository
{
    internal static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>A published program.</summary>
    internal static string Program(string name)
    {
        string path = Path.Combine(Environment.GetEnvironmentVariable("XENBALLOON_OUT") ?? Path.Combine(Root, "out"), "bin", name);
        if (!File.Exists(path)) Assert.Fail($"there is no {path}: run 'make publish' first");
        return path;
    }
}

/// <summary>The program where anyone can run it: the build may lie where only its owner can look.</summary>
internal static class UnprivilegedProgram
{
    /// <summary>Copies it.</summary>
    /// <returns>Its path.</returns>
    /// <param name="directory">Where to.</param>
    /// <param name="program">Its name.</param>
    internal static string In(string directory, string program)
    {
        foreach (string file in Directory.GetFiles(TestContext.CurrentContext.TestDirectory))
        {
            string copy = Path.Combine(directory, Path.GetFileName(file));
            File.Copy(file, copy, overwrite: true);
            File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        }

        return Path.Combine(directory, program);
    }
}
