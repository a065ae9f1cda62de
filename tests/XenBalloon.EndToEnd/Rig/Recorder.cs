using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>The stopwatch running in dom0: tests/rig/dom0/recorder.c.</summary>
internal sealed class Recorder
{
    private const string File = "/tmp/recorded";
    private readonly XenHost host;
    private readonly string pid;

    private Recorder(XenHost host, string pid)
    {
        this.host = host;
        this.pid = pid;
    }

    /// <summary>Records every order to these guests, every report of theirs and every target, and what they hold.</summary>
    public static async Task<Recorder> StartAsync(XenHost host, params IReadOnlyList<Guest> guests)
    {
        string[] leaves = ["data/eat", "data/tmpfs", "data/xenballoon", "memory/target"];
        var paths = string.Join(' ', guests.SelectMany(g => leaves.Select(leaf => $"{g.Path}/{leaf}")));
        var pid = (await host.RunAsync($"recorder {paths} > {File} 2>&1 & echo $!").ConfigureAwait(false)).Trim();
        // Each watch fires once when it is set.
        await Poll.UntilAsync("the recorder's watches are set", async () =>
            (await host.TryAsync($"grep -c /local/ {File}").ConfigureAwait(false)) is { ExitCode: 0, Output: var count }
            && int.Parse(count, CultureInfo.InvariantCulture) >= guests.Count * leaves.Length).ConfigureAwait(false);
        return new Recorder(host, pid);
    }

    public async Task<Recording> StopAsync()
    {
        await host.TryAsync($"kill {pid}").ConfigureAwait(false);
        return new Recording((await host.ReadFileAsync(File).ConfigureAwait(false)).Split('\n').Select(RecordedEvent.Parse).OfType<RecordedEvent>());
    }
}
