using System.Diagnostics;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>The source tree that these tests were built from, and the tools in it.</summary>
internal static class Repository
{
    /// <summary>A path in the tree.</summary>
    public static string File(params string[] parts) => Path.Combine([Root(), .. parts]);

    /// <summary>Runs a tool to its end and gives what it printed; fails the test with its own words where it fails.</summary>
    public static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.TrimEnd()
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed ({process.ExitCode}): {errors.Result}{output}");
    }

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "XenBalloon.sln"))) return at.FullName;
        }

        throw new InvalidOperationException($"no XenBalloon.sln above {AppContext.BaseDirectory}: these tests need the source tree");
    }
}
