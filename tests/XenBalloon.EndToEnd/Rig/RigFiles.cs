using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>Where the rig's scripts are, and running them.</summary>
internal static class RigFiles
{
    public static string Scripts { get; } = Path.GetFullPath(Path.Combine(ThisDirectory(), "..", "..", "rig"));

    /// <summary>Downloads what is missing and makes the image; a failure carries the script's own words.</summary>
    public static async Task PrepareAsync()
    {
        await RunAsync("fetch").ConfigureAwait(false);
        await RunAsync("build").ConfigureAwait(false);
    }

    public static ProcessStartInfo Script(string name, params IEnumerable<string> arguments) =>
        new(Path.Combine(Scripts, name), arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };

    private static async Task RunAsync(string name)
    {
        using var process = Process.Start(Script(name)) ?? throw new RigException($"cannot start {name}");
        process.StandardInput.Close();
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new RigException($"tests/rig/{name} failed:\n{complained}{await said.ConfigureAwait(false)}");
    }

    private static string ThisDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
