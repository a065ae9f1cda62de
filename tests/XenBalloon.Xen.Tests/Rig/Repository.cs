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
