using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>Agents, and guests, that stop and go on.</summary>
public sealed class AgentLifeTests : XenTest
{
    [Test]
    public async Task An_agent_that_was_killed_and_started_again_is_heard_as_before()
    {
        var guest = await SmallGuestAsync();
        var before = (await guest.RecordAsync())!;

        await guest.KillAgentAsync();

        // A new process counts from one; two reports at the least have gone before, when it started and when the guest had come to rest.
        await Poll.UntilAsync("a new agent has spoken", async () =>
            await guest.RecordAsync() is { } now && now.Sequence < before.Sequence && now.UptimeMilliseconds > before.UptimeMilliseconds);
        await IsHeardAsync(guest);
    }

    [Test]
    public async Task A_guest_that_was_saved_and_restored_is_heard_without_waiting_for_a_heartbeat()
    {
        var guest = await SmallGuestAsync();

        var restored = await guest.SaveAndRestoreAsync();
        Step($"saved as domain {guest.Domid} and restored as domain {restored.Domid}");
        GuestStats? first = null;
        await Poll.UntilAsync("the restored guest's agent has spoken", async () =>
        {
            first ??= await restored.StatsAsync();
            return first is not null && await restored.RecordAsync() is not null;
        });

        var waited = (await restored.StatsAsync())!.UptimeMilliseconds - first!.UptimeMilliseconds;
        TestContext.Out.WriteLine($"the agent spoke within {waited} ms of the restored guest's first sign of life");
        Assert.That(waited, Is.LessThan(30_000), "the next heartbeat would have come as soon");
        await Daemon.HearsAgentsAsync(Host, restored);
        await IsHeardAsync(restored);
    }

    private async Task<Guest> SmallGuestAsync()
    {
        // Small: a saved guest has to find room in dom0's memory.
        var guest = await CreateAsync("small", GuestKind.Pv, memoryMiB: 128, maxMiB: 128, GuestTraits.Agent);
        await guest.BootedAsync();
        await StartDaemonAsync();
        await Daemon.HearsAgentsAsync(Host, guest);
        await Poll.UntilAsync("the agent has said that the guest is at rest", async () => await guest.RecordAsync() is { Sequence: >= 2 });
        return guest;
    }

    /// <summary>What happens in the guest is seen on the bus.</summary>
    private static async Task IsHeardAsync(Guest guest)
    {
        const int NeedMiB = 30;
        var inUse = await Daemon.KiBAsync(Host, guest, "InUse");
        await guest.NeedAsync(NeedMiB);
        await Poll.UntilAsync("the daemon has heard of the guest's need", async () =>
            await Daemon.KiBAsync(Host, guest, "InUse") >= inUse + NeedMiB * 1024 * 3 / 4);
    }
}
