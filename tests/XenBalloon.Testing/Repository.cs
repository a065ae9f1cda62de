using System.Reflection;

namespace XenBalloon.Testing;

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
