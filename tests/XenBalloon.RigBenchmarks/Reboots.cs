using System.Globalization;
using NUnit.Framework;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>
/// Reboots a shrunk guest many times while a neighbour wants all memory, and prints its memory before and after.
/// </summary>
internal sealed class Reboots(XenHost host, GuestKind kind)
{
    private const int BootMiB = 256, MaxMiB = 512, ShrunkMiB = 200, SlackMiB = 32;

    private static readonly RebootBy[] Ways = [RebootBy.Xl, RebootBy.Guest, RebootBy.Crash];

    /// <summary>Returns the number of reboots after which the guest did not have its boot memory.</summary>
    public static async Task<int> RunAsync(GuestKind kind, int times)
    {
        await using var host = await XenHost.BootAsync();
        return await new Reboots(host, kind).RunAsync(times);
    }

    private async Task<int> RunAsync(int times)
    {
        var hungry = await Guest.CreateAsync(host, "hungry", GuestKind.Pv, BootMiB, 1024, GuestTraits.Agent);
        var guest = await CreateAsync();
        await hungry.BootedAsync();
        await guest.BootedAsync();
        var free = (await host.RunAsync("xl info | awk '/^free_memory/ { print $3 }'")).Trim();
        var ballast = int.Parse(free, CultureInfo.InvariantCulture) - SlackMiB - 8;
        await host.RunAsync($"guest-create --paused ballast pv {ballast} {ballast}");
        await Daemon.StartAsync(host, "active", SlackMiB);
        await Daemon.AgentsReportAsync(host, hungry, guest);
        await hungry.NeedAsync((int)(await hungry.AvailableKiBAsync() / 1024) + 512);

        var reboots = new List<Reboot>();
        var failures = 0;
        for (var i = 0; i < times; i++)
        {
            try
            {
                await Poll.UntilAsync($"{guest.Name} is shrunk", async () =>
                    await SizeMiB.OfAsync(guest) is { Target: < ShrunkMiB, Held: < ShrunkMiB + 8 });
                reboots.Add(await Reboot.OfAsync(guest, kind, Ways[i % Ways.Length], BootMiB));
                guest = reboots[^1].Guest;
                Console.WriteLine($"reboot {i + 1} of {times}");
            }
            catch (Exception e) when (e is RigException or AssertionException)
            {
                failures++;
                Console.WriteLine($"reboot {i + 1} of {times} failed: {e.Message}");
                // Ends xl too, which may be about to create it again.
                await host.TryAsync(
                    $"kill $(ps | awk '/[x]l create.*{guest.Name}.cfg/ {{ print $1 }}'); xl destroy {guest.Name}");
                guest = await CreateAsync();
                await guest.BootedAsync();
            }
        }

        Console.WriteLine(Reboot.Table(reboots));
        var kills = await hungry.AliveAsync() ? (await hungry.StatsAsync())!.OomKills : 1;
        Console.WriteLine($"{times} reboots, {failures} failures, {kills} OOM kills in the neighbour");
        return failures + (int)kills;
    }

    private Task<Guest> CreateAsync() => Guest.CreateAsync(
        host,
        "rebooting",
        kind,
        BootMiB,
        MaxMiB,
        GuestTraits.Agent | GuestTraits.Restarts);
}
