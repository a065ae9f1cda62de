using System.Diagnostics;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>The source tree that these tests were built from, and the programs in it.</summary>
internal static class Repository
{
    /// <summary>A path in the tree.</summary>
    public static string File(params string[] parts) => Path.Combine([Root(), .. parts]);

    /// <summary>
    /// Runs a program to its end and returns its output. If the program fails, the test fails with its errors.
    /// </summary>
    public static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process =
            Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0) return output.TrimEnd();
        string command = $"{program} {string.Join(' ', arguments)}";
        throw new InvalidOperationException($"{command} failed ({process.ExitCode}): {errors.Result}{output}");
    }

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "XenBalloon.sln"))) return at.FullName;
        }

        throw new InvalidOperationException(
            $"no XenBalloon.sln above {AppContext.BaseDirectory}: these tests need the source tree");
    }
}

/// <summary>Builds hypervisor shims: the real one, and one with made-up domains behind the same header.</summary>
internal static class Shim
{
    /// <summary>The version of Xen whose headers are installed.</summary>
    public static string Version { get; } =
        string.Join('.', Repository.Run("pkg-config", "--modversion", "xencontrol").Split('.').Take(2));

    /// <summary>Builds the real shim into a directory.</summary>
    /// <returns>The file.</returns>
    public static string BuildReal(string directory)
    {
        Repository.Run("make", "-s", "-C", Repository.File("native", "hypervisor"), $"OUT={directory}");
        return Path.Combine(directory, $"libxenballoon-hv-{Version}.so");
    }

    /// <summary>Builds the made-up shim as the one for Xen 9.9.</summary>
    public static void BuildFake(string directory, params string[] definitions) => Repository.Run(
        "cc",
        [
            "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", $"-I{Repository.File("native", "hypervisor")}",
            .. definitions,
            "-o", Path.Combine(directory, "libxenballoon-hv-9.9.so"),
            Repository.File("tests", "XenBalloon.Xen.Tests", "Rig", "fake-shim.c"),
        ]);
}
