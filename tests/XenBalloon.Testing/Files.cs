using System.Reflection;

namespace XenBalloon.Testing;

/// <summary>A file that is deleted after the test.</summary>
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

/// <summary>A folder that is deleted after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("xenballoon-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>The sources, and the programs that <c>make publish</c> builds.</summary>
internal static class Repository
{
    internal static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>A published program.</summary>
    internal static string Program(string name)
    {
        string output = Environment.GetEnvironmentVariable("XENBALLOON_OUT") ?? Path.Combine(Root, "out");
        string path = Path.Combine(output, "bin", name);
        if (!File.Exists(path)) Assert.Fail($"{path} does not exist: run 'make publish' first");
        return path;
    }
}

/// <summary>A copy of a program that any user can run; the build folder may be readable only by its owner.</summary>
internal static class UnprivilegedProgram
{
    /// <summary>Copies the program.</summary>
    /// <param name="directory">The target directory.</param>
    /// <param name="program">Its name.</param>
    /// <returns>The path of the copy.</returns>
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
