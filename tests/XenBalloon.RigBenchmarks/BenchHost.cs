using System.Globalization;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>A host with three guests of one kind, which go through one run after the other.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    // A hang ends here, and nothing else: how fast QEMU is says nothing.
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(30);

    // Room for three guests as large as they can be; the ballast takes away what the scenarios want not to be there.
    private const int HostMiB = 2816;

    private const int MostTries = 3;

    private const string Ballast = "bench-ballast";

    private readonly XenHost host;
    private readonly GuestKind kind;
    private readonly List<Guest> guests = [];
    private int ballastMiB;
    private bool swapless, loaded;

    private BenchHost(XenHost host, GuestKind kind)
    {
        this.host = host;
        this.kind = kind;
    }

    public static async Task<BenchHost> BootAsync(GuestKind kind, Options options)
    {
        var host = await XenHost.BootAsync(("RIG_HOST_MB", $"{HostMiB}"), ("RIG_ICOUNT", options.InstructionShift))
            .ConfigureAwait(false);
        var bench = new BenchHost(host, kind);
        for (var i = 0; i < 3; i++)
            bench.guests.Add(await bench.CreateAsync(i, GuestTraits.None).ConfigureAwait(false));
        foreach (var guest in bench.guests)
            await guest.BootedAsync().ConfigureAwait(false);
        var free = await host.RunAsync("xl info | awk '/^free_memory/ { print $3 }'").ConfigureAwait(false);
        bench.ballastMiB = int.Parse(free, CultureInfo.InvariantCulture)
            - (Scenarios.AllMiB - 3 * Scenarios.MemoryMiB) - Scenarios.SlackMiB;
        return bench;
    }

    /// <summary>Once more where QEMU and nobody else killed a guest: see tests/rig/README.md on triple faults.</summary>
    public async Task<Trace> GoThroughAsync(Run run)
    {
        for (var tries = 1; ; tries++)
        {
            var before = host.ConsoleLines().Count;
            var trace = await TryAsync(run).ConfigureAwait(false);
            if (trace.Deaths == 0 || tries == MostTries || !EmulatorFault.In([.. host.ConsoleLines().Skip(before)]))
                return trace;
        }
    }

    public Task<string> DaemonLogAsync() => host.ReadFileAsync(RunScript.Log);

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private async Task<Trace> TryAsync(Run run)
    {
        await PrepareAsync(run).ConfigureAwait(false);
        var script = new RunScript(run, guests).ToString();
        var said = await host.TryAsync(script, RunLimit).ConfigureAwait(false);
        if (said.ExitCode != 0 || !said.Output.Contains("done", StringComparison.Ordinal))
        {
            var log = await Daemon.LogAsync(host).ConfigureAwait(false);
            throw new RigException($"the run {run.Name} broke off ({said.ExitCode}): {said.Output}\n{log}");
        }

        var recording = await host.ReadFileAsync(RunScript.Recording).ConfigureAwait(false);
        return new Trace(said.Output, recording, guests);
    }

    private async Task PrepareAsync(Run run)
    {
        // Who died in the last run, or is of the wrong sort for this one, is another guest now.
        for (var i = 0; i < guests.Count; i++)
        {
            var changes = i == 2 && run.Scenario.Swapless != swapless;
            if (!changes && await guests[i].AliveAsync().ConfigureAwait(false))
                continue;
            await guests[i].DestroyAsync().ConfigureAwait(false);
            var traits = i == 2 && run.Scenario.Swapless ? GuestTraits.NoSwap : GuestTraits.None;
            guests[i] = await CreateAsync(i, traits).ConfigureAwait(false);
            await guests[i].BootedAsync().ConfigureAwait(false);
        }
        swapless = run.Scenario.Swapless;
        if (run.Roomy == loaded)
            await (loaded ? UnloadAsync() : LoadAsync()).ConfigureAwait(false);
    }

    private async Task LoadAsync()
    {
        // The guests get their first sizes before: in the last run they may have held what the ballast is to have.
        foreach (var guest in guests)
            await host.RunAsync($"xl mem-set {guest.Name} {Scenarios.MemoryMiB}").ConfigureAwait(false);
        await host.RunAsync($"""
            for i in $(seq 100); do
              guest-create --paused {Ballast} pv {ballastMiB} {ballastMiB} > /dev/null 2>&1 && exit 0
              sleep 1
            done
            exit 1
            """).ConfigureAwait(false);
        loaded = true;
    }

    private async Task UnloadAsync()
    {
        await host.RunAsync($"xl destroy {Ballast}").ConfigureAwait(false);
        loaded = false;
    }

    private Task<Guest> CreateAsync(int index, GuestTraits traits) =>
        Guest.CreateAsync(host, $"{"abc"[index]}", kind, Scenarios.MemoryMiB, Scenarios.MaxMiB, traits);
}
