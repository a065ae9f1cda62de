using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>A guest of the test host. Its configuration destroys it on crash and reboot: a death stays one.</summary>
internal sealed class Guest
{
    private readonly XenHost host;

    private Guest(XenHost host, string name, int domid)
    {
        this.host = host;
        Name = name;
        Domid = domid;
    }

    public string Name { get; }

    public int Domid { get; }

    public string Path => $"/local/domain/{Domid.ToString(CultureInfo.InvariantCulture)}";

    public static async Task<Guest> CreateAsync(
        XenHost host, string role, GuestKind kind, int memoryMiB, int maxMiB, GuestTraits traits = GuestTraits.None, bool paused = false, string xl = "xl")
    {
        var name = host.NextGuestName(role);
        var type = kind == GuestKind.Pvh ? "pvh" : "pv";
        var domid = await host.RunAsync($"GUEST_XL='{xl}' GUEST_EXTRA='{KernelParameters(traits)}' guest-create {(paused ? "--paused " : "")}{name} {type} {memoryMiB} {maxMiB}").ConfigureAwait(false);
        return new Guest(host, name, ToDomid(domid));
    }

    /// <summary>The same guest, which is another domain by now.</summary>
    public async Task<Guest> CurrentAsync() => new(host, Name, ToDomid(await host.RunAsync($"xl domid {Name}").ConfigureAwait(false)));

    /// <summary>Writes the guest with all its memory to a file, which ends it here, and starts it again from there: the same guest, another domain.</summary>
    public async Task<Guest> SaveAndRestoreAsync(string xl = "xl")
    {
        const string File = "/tmp/saved";
        try
        {
            await host.RunAsync($"xl save {Name} {File}").ConfigureAwait(false);
            await host.RunAsync($"{xl} restore {File}").ConfigureAwait(false);
            return await CurrentAsync().ConfigureAwait(false);
        }
        finally
        {
            await host.TryAsync($"rm -f {File}").ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the guest has booted and reports.</summary>
    public Task BootedAsync() => Poll.UntilAsync($"{Name} reports", async () =>
        !await AliveAsync().ConfigureAwait(false)
            ? throw new RigException($"{Name} died while booting\n{await ConsoleAsync().ConfigureAwait(false)}\n{host.Console()}")
            : await StatsAsync().ConfigureAwait(false) is not null);

    /// <summary>Sets the size of the working set that the guest keeps touching.</summary>
    public Task NeedAsync(int mib) => WriteAsync("eat", mib.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets the size of the files that the guest keeps in a tmpfs.</summary>
    public Task KeepFilesAsync(int mib) => WriteAsync("tmpfs", mib.ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes the guest write lies where its agent would report. tests/rig/guest/liar.c knows which there are.</summary>
    public Task LieAsync(string lie) => WriteAsync("lie", lie);

    /// <summary>Ends the guest's agent as no program can prevent; the guest starts it again within a second or two.</summary>
    public Task KillAgentAsync() => WriteAsync("agent", "kill");

    public async Task<GuestStats?> StatsAsync() => await ReadAsync("data/rig-stats").ConfigureAwait(false) is { } text ? GuestStats.Parse(text) : null;

    /// <summary>What the agent wrote last; null where there is nothing.</summary>
    public async Task<AgentRecord?> RecordAsync() => await ReadAsync("data/xenballoon").ConfigureAwait(false) is { } text ? AgentRecord.Parse(text) : null;

    /// <summary>Waits until the agent has told of the guest as it is now: a daemon that starts takes the record that is there at its word.</summary>
    public Task AgentIsUpToDateAsync() => Poll.UntilAsync($"the agent of {Name} has told how much is available", async () =>
        await RecordAsync().ConfigureAwait(false) is { } record && await StatsAsync().ConfigureAwait(false) is { } stats
        && Math.Abs(record.AvailableKiB - stats.AvailableKiB) < 16 * 1024);

    /// <summary>MemAvailable as the guest last told the tests.</summary>
    public async Task<long> AvailableKiBAsync() => (await StatsAsync().ConfigureAwait(false))!.AvailableKiB;

    public async Task<long> TargetKiBAsync() =>
        long.Parse(await host.RunAsync($"xenstore-read {Path}/memory/target").ConfigureAwait(false), CultureInfo.InvariantCulture);

    /// <summary>What the hypervisor holds for the guest.</summary>
    public async Task<long?> HeldMiBAsync() =>
        long.TryParse((await host.RunAsync($"xl list {Name} | awk 'NR == 2 {{ print $3 }}'").ConfigureAwait(false)).Trim(), CultureInfo.InvariantCulture, out var mib) ? mib : null;

    /// <summary>Gives the guest a size as an operator does by hand, and waits until it has it.</summary>
    public async Task SetMemoryAsync(int mib)
    {
        await host.RunAsync($"xl mem-set {Name} {mib}").ConfigureAwait(false);
        await Poll.UntilAsync($"{Name} holds {mib} MiB", async () => Math.Abs(await HeldMiBAsync().ConfigureAwait(false) - mib ?? mib) < 4).ConfigureAwait(false);
    }

    public async Task<bool> AliveAsync() => (await host.TryAsync($"xl domid {Name}").ConfigureAwait(false)).ExitCode == 0;

    public async Task DestroyAsync() => await host.TryAsync($"xl destroy {Name}").ConfigureAwait(false);

    public async Task<string> ConsoleAsync() =>
        $"--- console of {Name} ---\n{(await host.TryAsync($"tail -n 40 /var/log/xen/guest-{Name}.log").ConfigureAwait(false)).Output}---";

    private Task<string> WriteAsync(string leaf, string value) => host.RunAsync($"xenstore-write {Path}/data/{leaf} {value}");

    private async Task<string?> ReadAsync(string leaf) =>
        await host.TryAsync($"xenstore-read {Path}/{leaf}").ConfigureAwait(false) is { ExitCode: 0, Output: var text } ? text : null;

    private static int ToDomid(string output) => int.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);

    private static string KernelParameters(GuestTraits traits) =>
        string.Join(' ', Enum.GetValues<GuestTraits>().Where(t => t != GuestTraits.None && traits.HasFlag(t)).Select(t => $"rig.{t.ToString().ToLowerInvariant()}"));
}

public enum GuestKind
{
    Pv,
    Pvh,
}

/// <summary>What a test guest is told on its kernel command line. tests/rig/guest/init.c has the words.</summary>
[Flags]
public enum GuestTraits
{
    /// <summary>Swaps into compressed memory, and reports as XenServer's agent does.</summary>
    None = 0,
    NoSwap = 1,

    /// <summary>Runs our agent, which alone reports.</summary>
    Agent = 2,
    Silent = 4,

    /// <summary>Its kernel may kill its work for memory, where it would otherwise panic.</summary>
    Killable = 8,
}
