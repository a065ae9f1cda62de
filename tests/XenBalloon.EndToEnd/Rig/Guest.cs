using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>
/// A guest of the test host. Its configuration destroys it on a crash or reboot, so tests notice, unless it
/// <see cref="GuestTraits.Restarts"/>.
/// </summary>
internal sealed class Guest
{
    /// <summary>An HVM guest took four minutes on two cores that had ten times as much other work.</summary>
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(20);

    private readonly XenHost host;

    private Guest(XenHost host, string name, int domid)
    {
        this.host = host;
        Name = name;
        Domid = domid;
    }

    public XenHost Host => host;

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
        var type = kind.ToString().ToLowerInvariant();
        var domid = await host.RunAsync(
            $"GUEST_XL='{xl}' GUEST_EXTRA='{KernelParameters(traits)}' "
            + $"GUEST_ON_END={(traits.HasFlag(GuestTraits.Restarts) ? "restart" : "destroy")} "
            + $"GUEST_INITRD=/guest/{(traits.HasFlag(GuestTraits.Systemd) ? "systemd.initrd" : "initrd")} "
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

    /// <summary>
    /// Reboots the guest, which must be one that <see cref="GuestTraits.Restarts"/>, and waits until xl has created its
    /// next domain.
    /// </summary>
    public async Task<Guest> RebootAsync(RebootBy by)
    {
        await (by switch
        {
            RebootBy.Xl => host.RunAsync($"xl reboot {Name}"),
            RebootBy.Guest => WriteAsync("power", "reboot"),
            _ => WriteAsync("power", "crash"),
        });
        return await Poll.ForAsync($"{Name} has a new domid", async () =>
        {
            // The process of xl that created or restored it creates it again. [x]: the pattern must not find itself.
            var now = await host.TryAsync(
                $"xl domid {Name} || ps -o args | grep -E '[x]l (create.*/{Name}.cfg|restore)'");
            if (now.ExitCode != 0)
                throw new RigException(
                    $"{Name} did not return from its reboot\n{await ConsoleAsync()}\n"
                    + (await host.TryAsync($"cat /var/log/xen/xl-{Name}.log")).Output);
            return await DomidAsync() is { } domid && domid != Domid ? new Guest(host, Name, domid) : null;
        });
    }

    /// <summary>Waits until the guest has booted and reports.</summary>
    public Task BootedAsync() => Poll.UntilAsync(
        $"{Name} reports",
        async () => !await AliveAsync()
            ? throw new RigException($"{Name} died while booting\n{await ConsoleAsync()}\n{host.Console()}")
            : await StatsAsync() is not null,
        BootLimit);

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

    /// <summary>The target; null while the domain does not exist.</summary>
    public async Task<long?> TargetIfAnyKiBAsync() =>
        long.TryParse(await ReadAsync("memory/target"), CultureInfo.InvariantCulture, out var kib) ? kib : null;

    /// <summary>The memory that the domain holds, from the hypervisor; null while it does not exist.</summary>
    public async Task<long?> HeldMiBAsync() =>
        long.TryParse(
            (await host.RunAsync($"xl list {Domid} 2>/dev/null | awk 'NR == 2 {{ print $3 }}'")).Trim(),
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

    /// <summary>Whether the domain exists. After a reboot it does not, but another one of that name.</summary>
    public async Task<bool> AliveAsync() => await DomidAsync() == Domid;

    public async Task DestroyAsync() => await host.TryAsync($"xl destroy {Name}");

    public async Task<string> ConsoleAsync() =>
        $"--- console of {Name} ---\n{(await host.TryAsync($"tail -n 40 /var/log/xen/guest-{Name}.log")).Output}---";

    private Task<string> WriteAsync(string leaf, string value) =>
        host.RunAsync($"xenstore-write {Path}/data/{leaf} {value}");

    private async Task<string?> ReadAsync(string leaf) =>
        await host.TryAsync($"xenstore-read {Path}/{leaf}") is { ExitCode: 0, Output: var text } ? text : null;

    /// <summary>The domid that now belongs to the guest's name; null if none does.</summary>
    private async Task<int?> DomidAsync() =>
        await host.TryAsync($"xl domid {Name} 2>/dev/null") is { ExitCode: 0, Output: var domid }
            ? ToDomid(domid)
            : null;

    private static int ToDomid(string output) => int.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);

    private static string KernelParameters(GuestTraits traits) =>
        string.Join(' ', Enum.GetValues<GuestTraits>()
            .Where(trait => trait != GuestTraits.None && traits.HasFlag(trait))
            .Select(trait => trait switch
            {
                GuestTraits.Restarts or GuestTraits.Systemd => "",
                // The name of the driver's initialization function in Linux.
                GuestTraits.NoBalloon => "initcall_blacklist=balloon_init",
                _ => $"rig.{trait.ToString().ToLowerInvariant()}",
            }));
}

/// <summary>How a guest comes to reboot.</summary>
internal enum RebootBy
{
    /// <summary><c>xl reboot</c> requests it.</summary>
    Xl,

    /// <summary>The guest's service manager reboots it.</summary>
    Guest,

    /// <summary>Its kernel panics.</summary>
    Crash,
}

public enum GuestKind
{
    Pv,
    Pvh,

    /// <summary>With QEMU as its device model, on a host that was booted with RIG_HVM=1.</summary>
    Hvm,
}

/// <summary>
/// What differs from a plain guest, mostly by parameters on its kernel command line. See tests/rig/guest/init.c.
/// </summary>
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

    /// <summary>xl creates the guest again when it reboots or crashes.</summary>
    Restarts = 16,

    /// <summary>The kernel has no balloon driver.</summary>
    NoBalloon = 32,

    /// <summary>
    /// systemd runs the agent's unit and nothing else: the guest does no work and has no statistics. On a host that was
    /// booted with RIG_SYSTEMD=1.
    /// </summary>
    Systemd = 64,
}
