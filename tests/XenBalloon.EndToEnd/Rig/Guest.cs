using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>A guest of the test host. Its configuration destroys it on a crash or reboot, so tests notice.</summary>
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
        XenHost host,
        string role,
        GuestKind kind,
        int memoryMiB,
        int maxMiB,
        GuestTraits traits = GuestTraits.None,
        bool paused = false,
        string xl = "xl")
    {
        var name = host.NextGuestName(role);
        var type = kind == GuestKind.Pvh ? "pvh" : "pv";
        var domid = await host.RunAsync(
            $"GUEST_XL='{xl}' GUEST_EXTRA='{KernelParameters(traits)}' "
            + $"guest-create {(paused ? "--paused " : "")}{name} {type} {memoryMiB} {maxMiB}");
        return new Guest(host, name, ToDomid(domid));
    }

    /// <summary>The guest with its current domid, after it was restored or migrated.</summary>
    public async Task<Guest> CurrentAsync() => new(host, Name, ToDomid(await host.RunAsync($"xl domid {Name}")));

    /// <summary>Saves the guest to a file and restores it, with a new domid.</summary>
    public async Task<Guest> SaveAndRestoreAsync(string xl = "xl")
    {
        const string File = "/tmp/saved";
        try
        {
            await host.RunAsync($"xl save {Name} {File}");
            await host.RunAsync($"{xl} restore {File}");
            return await CurrentAsync();
        }
        finally
        {
            await host.TryAsync($"rm -f {File}");
        }
    }

    /// <summary>Waits until the guest has booted and reports.</summary>
    public Task BootedAsync() => Poll.UntilAsync($"{Name} reports", async () =>
        !await AliveAsync()
            ? throw new RigException($"{Name} died while booting\n{await ConsoleAsync()}\n{host.Console()}")
            : await StatsAsync() is not null);

    /// <summary>Sets the size of the working set that the guest keeps touching.</summary>
    public Task NeedAsync(int mib) => WriteAsync("eat", mib.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets the size of the files that the guest keeps in a tmpfs.</summary>
    public Task KeepFilesAsync(int mib) => WriteAsync("tmpfs", mib.ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes the guest write false reports. tests/rig/guest/liar.c lists them.</summary>
    public Task LieAsync(string lie) => WriteAsync("lie", lie);

    /// <summary>Ends the guest's agent with SIGKILL; the guest restarts it within two seconds.</summary>
    public Task KillAgentAsync() => WriteAsync("agent", "kill");

    public async Task<GuestStats?> StatsAsync() =>
        await ReadAsync("data/rig-stats") is { } text ? GuestStats.Parse(text) : null;

    /// <summary>The agent's last record; null if it has not written one.</summary>
    public async Task<AgentRecord?> RecordAsync() =>
        await ReadAsync("data/xenballoon") is { } text ? AgentRecord.Parse(text) : null;

    /// <summary>
    /// Waits until the agent's record is up to date: a daemon that starts relies on the record that exists.
    /// </summary>
    public Task AgentIsUpToDateAsync() => Poll.UntilAsync($"the agent's record of {Name} is up to date", async () =>
        await RecordAsync() is { } record && await StatsAsync() is { } stats
        && Math.Abs(record.AvailableKiB - stats.AvailableKiB) < 16 * 1024);

    /// <summary>MemAvailable, as the guest last reported it to the tests.</summary>
    public async Task<long> AvailableKiBAsync() => (await StatsAsync())!.AvailableKiB;

    public async Task<long> TargetKiBAsync() =>
        long.Parse(await host.RunAsync($"xenstore-read {Path}/memory/target"), CultureInfo.InvariantCulture);

    /// <summary>The memory that the guest holds, from the hypervisor.</summary>
    public async Task<long?> HeldMiBAsync() =>
        long.TryParse(
            (await host.RunAsync($"xl list {Name} | awk 'NR == 2 {{ print $3 }}'")).Trim(),
            CultureInfo.InvariantCulture,
            out var mib)
            ? mib
            : null;

    /// <summary>Sets the guest's size with xl, as an operator does, and waits until it has that size.</summary>
    public async Task SetMemoryAsync(int mib)
    {
        await host.RunAsync($"xl mem-set {Name} {mib}");
        await Poll.UntilAsync($"{Name} holds {mib} MiB", async () => Math.Abs(await HeldMiBAsync() - mib ?? mib) < 4);
    }

    public async Task<bool> AliveAsync() => (await host.TryAsync($"xl domid {Name}")).ExitCode == 0;

    public async Task DestroyAsync() => await host.TryAsync($"xl destroy {Name}");

    public async Task<string> ConsoleAsync() =>
        $"--- console of {Name} ---\n{(await host.TryAsync($"tail -n 40 /var/log/xen/guest-{Name}.log")).Output}---";

    private Task<string> WriteAsync(string leaf, string value) =>
        host.RunAsync($"xenstore-write {Path}/data/{leaf} {value}");

    private async Task<string?> ReadAsync(string leaf) =>
        await host.TryAsync($"xenstore-read {Path}/{leaf}") is { ExitCode: 0, Output: var text } ? text : null;

    private static int ToDomid(string output) => int.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);

    private static string KernelParameters(GuestTraits traits) =>
        string.Join(' ', Enum.GetValues<GuestTraits>()
            .Where(trait => trait != GuestTraits.None && traits.HasFlag(trait))
            .Select(trait => $"rig.{trait.ToString().ToLowerInvariant()}"));
}

public enum GuestKind
{
    Pv,
    Pvh,
}

/// <summary>Parameters on a test guest's kernel command line. See tests/rig/guest/init.c.</summary>
[Flags]
public enum GuestTraits
{
    /// <summary>The guest swaps to compressed memory and reports as XenServer's agent does.</summary>
    None = 0,
    NoSwap = 1,

    /// <summary>Only xenballoon-agent reports.</summary>
    Agent = 2,
    Silent = 4,

    /// <summary>The kernel may OOM-kill the work; otherwise it panics.</summary>
    Killable = 8,
}
