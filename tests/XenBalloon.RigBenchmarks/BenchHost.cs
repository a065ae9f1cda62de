using System.Globalization;
using System.Text;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>A host with three guests of one kind that carries out runs.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    // Ends a hanging run. Far more than any run takes.
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(30);

    // Large enough for three guests of maximum size; a ballast guest takes the memory that a scenario must not have.
    private const int HostMiB = 2816;

    private const int MaxTries = 3;

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
            ;
        var bench = new BenchHost(host, kind);
        for (var i = 0; i < 3; i++)
            bench.guests.Add(await bench.CreateAsync(i, GuestTraits.None));
        foreach (var guest in bench.guests)
            await guest.BootedAsync();
        var free = await host.RunAsync("xl info | awk '/^free_memory/ { print $3 }'");
        bench.ballastMiB = int.Parse(free, CultureInfo.InvariantCulture)
            - (Scenarios.AllMiB - 3 * Scenarios.MemoryMiB) - Scenarios.SlackMiB;
        return bench;
    }

    /// <summary>
    /// Carries out a run; repeats it if QEMU killed a guest (see tests/rig/README.md on triple faults).
    /// </summary>
    public async Task<Trace> RunAsync(Run run)
    {
        for (var tries = 1; ; tries++)
        {
            var before = host.ConsoleLines().Count;
            var trace = await TryAsync(run);
            var console = string.Join('\n', host.ConsoleLines().Skip(before));
            if (trace.Deaths == 0 || tries == MaxTries || !EmulatorFault.In(console))
                return trace;
        }
    }

    public Task<string> DaemonLogAsync() => host.ReadFileAsync(RunScript.Log);

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private async Task<Trace> TryAsync(Run run)
    {
        await PrepareAsync(run);
        var script = new RunScript(run, guests).ToString();
        var result = await host.TryAsync(script, RunLimit);
        if (result.ExitCode != 0 || !result.Output.Contains("done", StringComparison.Ordinal))
        {
            var log = await Daemon.LogAsync(host);
            throw new RigException($"the run {run.Name} failed ({result.ExitCode}): {result.Output}\n{log}");
        }

        var recording = await host.ReadFileAsync(RunScript.Recording);
        return new Trace(result.Output, recording, guests);
    }

    private async Task PrepareAsync(Run run)
    {
        // Replaces guests that died in the last run, or that have the wrong swap for this one.
        for (var i = 0; i < guests.Count; i++)
        {
            var changes = i == 2 && run.Scenario.Swapless != swapless;
            if (!changes && await guests[i].AliveAsync())
                continue;
            await guests[i].DestroyAsync();
            var traits = i == 2 && run.Scenario.Swapless ? GuestTraits.NoSwap : GuestTraits.None;
            guests[i] = await CreateAsync(i, traits);
            await guests[i].BootedAsync();
        }
        swapless = run.Scenario.Swapless;
        if (run.NeedsEmptyHost == loaded)
            await (loaded ? UnloadAsync() : LoadAsync());
    }

    private async Task LoadAsync()
    {
        // The guests first get their initial sizes: after the last run they may hold the ballast's memory.
        foreach (var guest in guests)
            await host.RunAsync($"xl mem-set {guest.Name} {Scenarios.MemoryMiB}");
        await host.RunAsync($"""
            for i in $(seq 100); do
              guest-create --paused {Ballast} pv {ballastMiB} {ballastMiB} > /dev/null 2>&1 && exit 0
              sleep 1
            done
            exit 1
            """);
        loaded = true;
    }

    private async Task UnloadAsync()
    {
        await host.RunAsync($"xl destroy {Ballast}");
        loaded = false;
    }

    private Task<Guest> CreateAsync(int index, GuestTraits traits) =>
        Guest.CreateAsync(host, $"{"abc"[index]}", kind, Scenarios.MemoryMiB, Scenarios.MaxMiB, traits);
}

/// <summary>
/// A run as one script for dom0. All waiting is done in dom0 by the host's clock. While dom0 waits for a command from
/// outside, its clock advances fast.
/// </summary>
internal sealed class RunScript(Run run, IReadOnlyList<Guest> guests)
{
    public const string Recording = "/tmp/recorded", Log = "/var/log/xenballoond.log";
    private const string Configuration = "/etc/xenballoon/bench.conf";
    private static readonly string[] Leaves =
        ["data/job", "data/rig-stats", "data/xenballoon", "data/meminfo_free", "memory/target"];

    private readonly StringBuilder text = new();

    public override string ToString()
    {
        Functions();
        Reset();
        StartDaemon();
        Record();
        for (var i = 0; i < run.Phases.Count; i++)
            BeginPhase(i, run.Phases[i], i == 0 ? null : run.Phases[i - 1]);
        Add("mark");
        End();
        return text.ToString();
    }

    /// <summary>
    /// mark: prints the time and the daemon's CPU time so far, in hundredths of a second. sized DOMID MIB: waits until
    /// the domain has that size. raise DOMID KIB: gives the domain memory as it becomes free, until it has that size.
    /// </summary>
    private void Functions() => Add("""
        mark() {
          echo "mark $(cut -d' ' -f1 /proc/uptime) $(sed 's/.*) //' /proc/$daemon/stat | awk '{ print $12 + $13 }')"
        }
        held() { xl list $1 | awk 'NR == 2 { print $3 }'; }
        sized() {
          for i in $(seq 300); do
            h=$(held $1)
            if [ $((h - $2)) -le 4 ] && [ $((h - $2)) -ge -4 ]; then return 0; fi
            sleep 0.3
          done
          echo "domain $1 holds $h MiB, expected $2"
          exit 1
        }
        recorded() { awk -v what=$1 '$2 == what { last = $3 } END { print last }' RECORDING; }
        raise() {
          target=0
          while [ $target -lt $(($2 - 1024)) ]; do
            holds=$(recorded held/$1)
            free=$(recorded free)
            if [ -n "$holds" ] && [ -n "$free" ]; then
              next=$((holds + free - SLACK))
              if [ $next -gt $2 ]; then next=$2; fi
              if [ $next -gt $holds ] && [ $next -gt $target ]; then
                xenstore-write /local/domain/$1/memory/target $next
                target=$next
              fi
            fi
            sleep 0.2
          done
        }
        """.Replace("SLACK", $"{Scenarios.SlackMiB * 1024}", StringComparison.Ordinal)
            .Replace("RECORDING", Recording, StringComparison.Ordinal));

    /// <summary>Makes all guests idle, with their initial sizes.</summary>
    private void Reset()
    {
        var reports = run.Reports.ToString().ToLowerInvariant();
        for (var i = 0; i < guests.Count; i++)
        {
            var lies = run.Scenario.Liar == i;
            SetNode(i, "job", Scenarios.Idle);
            SetNode(i, "reports", lies ? "silent" : reports);
            SetNode(i, "lie", lies ? "all" : "none");
        }
        for (var i = 0; i < guests.Count; i++)
            Add($"xl mem-set {guests[i].Domid} {run.SizesMiB[i]}");
        for (var i = 0; i < guests.Count; i++)
            Add($"sized {guests[i].Domid} {run.SizesMiB[i]}");
        if (run.Mover == Mover.ByHand)
            foreach (var guest in guests)
                Add($"xl mem-max {guest.Domid} {Scenarios.MaxMiB}");
        Add("sleep 2");
    }

    /// <summary>
    /// In runs without balancing the daemon observes: its CPU time slows the guests here, which is not to be compared.
    /// </summary>
    private void StartDaemon() => Add(string.Create(CultureInfo.InvariantCulture, $$"""
        mkdir -p /etc/xenballoon
        cat > {{Configuration}} << CONF
        [host]
        mode = {{(run.Mover == Mover.Ours ? "active" : "observe")}}
        slack = {{Scenarios.SlackMiB}}m
        interval = 1s
        keep-free = 0m
        CONF
        xenballoond --config {{Configuration}} < /dev/null > {{Log}} 2>&1 &
        daemon=$!
        name=org.xenballoon.Balloon1
        until busctl get-property $name /org/xenballoon/Balloon1 $name.Manager Mode > /dev/null 2>&1; do
          kill -0 $daemon || exit 1
          sleep 0.2
        done
        sleep 4
        """));

    private void Record()
    {
        var paths = string.Join(' ', guests.SelectMany(g => Leaves.Select(leaf => $"{g.Path}/{leaf}")));
        Add($"recorder {paths} > {Recording} 2>&1 &");
        Add("recorder=$!");
        // Each guest writes its statistics at least once before the first phase.
        Add("sleep 1.5");
    }

    private void BeginPhase(int index, Phase phase, Phase? before)
    {
        Add("mark");
        Add("kill $raisers 2>/dev/null; raisers=");
        for (var i = 0; i < guests.Count; i++)
            if (phase.Jobs[i] != (before?.Jobs[i] ?? Scenarios.Idle))
                SetNode(i, "job", phase.Jobs[i]);
        if (run.Mover == Mover.ByHand)
            MoveByHand(phase);
        if (index == 0 && run.Scenario.StartMiB is { } size)
            Start(size);
        Add($"sleep {phase.Seconds}");
    }

    /// <summary>
    /// Idle guests give what the hot guests can use, which get it as it becomes free. Targets are written directly,
    /// because xl would use much of the CPU time that is measured.
    /// </summary>
    private void MoveByHand(Phase phase)
    {
        var idle = Enumerable.Range(0, guests.Count).Except(phase.Hot).ToList();
        var left = (Scenarios.AllMiB - phase.Hot.Count * Scenarios.MaxMiB) / idle.Count;
        foreach (var i in idle)
            Add($"xenstore-write {guests[i].Path}/memory/target {left * 1024}");
        foreach (var i in phase.Hot)
            Add($"raise {guests[i].Domid} {Scenarios.MaxMiB * 1024} & raisers=\"$raisers $!\"");
    }

    private void Start(int sizeMiB) => Add($$"""
        rm -f /tmp/created
        (
          GUEST_XL='{{(run.Mover == Mover.Ours ? "xenballoon run --timeout 120 -- xl" : "xl")}}' \
            guest-create --paused bench-new pv {{sizeMiB}} {{sizeMiB}} > /dev/null 2>&1
          echo "created $? $(cut -d' ' -f1 /proc/uptime)" > /tmp/created
        ) &
        """);

    private void End()
    {
        for (var i = 0; i < guests.Count; i++)
            SetNode(i, "job", "none");
        Add("sleep 1");
        if (run.Scenario.StartMiB is not null)
            Add("cat /tmp/created 2>/dev/null; xl destroy bench-new 2>/dev/null");
        foreach (var guest in guests)
            Add($"xl domid {guest.Name} > /dev/null 2>&1 || echo dead {guest.Domid}");
        Add("kill $daemon; wait $daemon 2>/dev/null");
        Add("kill $recorder $raisers 2>/dev/null; echo done");
    }

    private void SetNode(int guest, string leaf, string value) =>
        Add($"xenstore-write {guests[guest].Path}/data/{leaf} '{value}'");

    private void Add(string line) => text.Append(line).Append('\n');
}
