using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>What an operator does with xl himself, past the daemon.</summary>
public sealed class OverrideTests : XenTest
{
    private const int ByHandMiB = 208, MostMiB = 320;

    [Test]
    public async Task A_size_set_with_xl_is_a_pin_until_it_is_taken_back_and_a_maximum_set_with_xl_holds()
    {
        var guest = await CreateAsync("byhand", GuestKind.Pv, memoryMiB: 192, maxMiB: 480, GuestTraits.Agent);
        await guest.BootedAsync();
        await StartDaemonAsync();
        await Daemon.HearsAgentsAsync(Host, guest);

        await guest.SetMemoryAsync(ByHandMiB);
        await Poll.UntilAsync("the pin is seen", async () => (await ReasonAsync(guest)).Contains($"left at {ByHandMiB} MiB: set by another tool", StringComparison.Ordinal));
        var before = (await guest.StatsAsync())!;
        await guest.NeedAsync(ByHandMiB);
        await Poll.UntilAsync("the guest has been short for a while", async () =>
            await guest.StatsAsync() is { SwapOuts: > 0 } now && now.UptimeSeconds >= before.UptimeSeconds + 8);
        Assert.That(await guest.TargetKiBAsync(), Is.EqualTo(ByHandMiB * 1024), "the operator's word was overruled");

        await Host.RunAsync($"xl mem-max {guest.Name} {MostMiB}");
        await Host.RunAsync($"xenballoon unpin {guest.Name}");

        await Poll.UntilAsync("the guest is balanced again", async () => await guest.TargetKiBAsync() > ByHandMiB * 1024);
        await Poll.UntilAsync("the maximum is seen", async () => await Daemon.KiBAsync(Host, guest, "DynamicMax") == MostMiB * 1024);
        await guest.NeedAsync(MostMiB);
        await Poll.UntilAsync("the guest has all that it may have", async () => await guest.TargetKiBAsync() == MostMiB * 1024);
        Assert.That(await Daemon.KiBAsync(Host, guest, "MaxMem"), Is.LessThan((MostMiB + 8) * 1024));
    }

    private static async Task<string> ReasonAsync(Guest guest) => await Daemon.PropertyAsync(Host, guest, "Reason") ?? "";
}
