namespace XenBalloon.Xen.Tests.Rig;

/// <summary>Builds hypervisor shims: the real one, and the same with a made-up hypervisor behind it.</summary>
internal static class Shim
{
    private static readonly Lazy<string> Headers =
        new(() => Repository.Run(Repository.File("tests", "xen-headers", "fetch")));

    private static string Source { get; } = Repository.File("native", "hypervisor");

    /// <summary>Builds the real shim into a directory.</summary>
    /// <returns>The file.</returns>
    public static string BuildReal(string directory)
    {
        Repository.Run("make", "-s", "-C", Source, $"OUT={directory}");
        return FileIn(directory);
    }

    /// <summary>Builds the shim with the hypervisor of fake-xen.c into a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="xen">The version of Xen that the hypervisor plays: one whose headers Debian ships.</param>
    /// <param name="definitions">What differs from that version, as options of the compiler.</param>
    public static void BuildFake(string directory, string xen = "4.17", params string[] definitions) =>
        Build(Source, directory, xen, definitions);

    /// <summary>Builds the shim with a changed header, as another version of the program might have it.</summary>
    public static void BuildOther(string directory, string text, string replacement)
    {
        string source = Directory.CreateDirectory(Path.Combine(directory, "source")).FullName;
        foreach (string file in Directory.EnumerateFiles(Source))
            File.Copy(file, Path.Combine(source, Path.GetFileName(file)));
        string header = Path.Combine(source, "xenballoon-hv.h");
        string changed = File.ReadAllText(header);
        Assert.That(changed, Does.Contain(text));
        File.WriteAllText(header, changed.Replace(text, replacement, StringComparison.Ordinal));
        Build(source, directory, "4.17");
    }

    /// <summary>Compiles the comparison of the shim's structures with the headers of a version of Xen.</summary>
    public static void CheckStructures(string xen, params string[] architecture) => Repository.Run(
        "cc",
        [
            "-fsyntax-only", "-ffreestanding", "-Wall", "-Wextra", "-Werror", .. architecture,
            $"-I{HeadersOf(xen)}", $"-I{Source}", Repository.File("tests", "xen-headers", "check.c"),
        ]);

    // -Bsymbolic: the shim calls the hypervisor in the same file, whatever else the process has loaded.
    private static void Build(string source, string directory, string xen, params string[] definitions) =>
        Repository.Run(
            "cc",
            [
                "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wl,-Bsymbolic", .. definitions,
                $"-I{source}", $"-I{HeadersOf(xen)}", "-o", FileIn(directory),
                Path.Combine(source, "xenballoon-hv.c"),
                Repository.File("tests", "XenBalloon.Xen.Tests", "Rig", "fake-xen.c"),
            ]);

    private static string FileIn(string directory) => Path.Combine(directory, "libxenballoon-hv.so");

    private static string HeadersOf(string xen) => Path.Combine(Headers.Value, xen, "include");
}
