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

    public static async Task<Guest> CreateAsync(XenHost host, string role, GuestKind kind, int memoryMiB, int maxMiB, bool swap = true, bool paused = false)
    {
        var name = host.NextGuestName(role);
        var type = kind == GuestKind.Pvh ? "pvh" : "pv";
        var domid = await host.RunAsync($"{(swap ? "" : "GUEST_EXTRA=rig.noswap ")}guest-create {(paused ? "--paused " : "")}{name} {type} {memoryMiB} {maxMiB}").ConfigureAwait(false);
        return new Guest(host, name, int.Parse(domid.Trim().Split('\n')[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until the guest has booted and reports.</summary>
    public Task BootedAsync() => Poll.UntilAsync($"{Name} reports", async () =>
        !await AliveAsync().ConfigureAwait(false)
            ? throw new RigException($"{Name} died while booting\n{await ConsoleAsync().ConfigureAwait(false)}\n{host.Console()}")
            : await StatsAsync().ConfigureAwait(false) is not null);

    /// <summary>Sets the size of the working set that the guest keeps touching.</summary>
    public Task NeedAsync(int mib) => host.RunAsync($"xenstore-write {Path}/data/eat {mib}");

    public async Task<GuestStats?> StatsAsync()
    {
        var read = await host.TryAsync($"xenstore-read {Path}/data/rig-stats").ConfigureAwait(false);
        return read.ExitCode == 0 ? GuestStats.Parse(read.Output) : null;
    }

    public async Task<long> ReadKiBAsync(string leaf) =>
        long.Parse(await host.RunAsync($"xenstore-read {Path}/{leaf}").ConfigureAwait(false), CultureInfo.InvariantCulture);

    /// <summary>MemAvailable as the guest reports it.</summary>
    public Task<long> AvailableKiBAsync() => ReadKiBAsync("data/meminfo_free");

    public Task<long> TargetKiBAsync() => ReadKiBAsync("memory/target");

    public async Task<bool> AliveAsync() => (await host.TryAsync($"xl domid {Name}").ConfigureAwait(false)).ExitCode == 0;

    public async Task DestroyAsync() => await host.TryAsync($"xl destroy {Name}").ConfigureAwait(false);

    public async Task<string> ConsoleAsync() =>
        $"--- console of {Name} ---\n{(await host.TryAsync($"tail -n 40 /var/log/xen/guest-{Name}.log").ConfigureAwait(false)).Output}---";
}
