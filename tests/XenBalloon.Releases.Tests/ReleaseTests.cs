using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.Releases.Tests;

/// <summary>
/// What changes with Xen and its tools, on the releases of Debian that XenBalloon.EndToEnd does not run on.
/// RIG_RELEASES selects others, and RIG_ROUNDS repeats the round of reboot and save.
/// </summary>
/// <remarks>
/// The host's clock counts instructions, so the load of the machine changes nothing for guests, and these tests run
/// beside others.
/// </remarks>
[TestFixtureSource(typeof(Release), nameof(Release.Selected))]
[NonParallelizable]
public sealed class ReleaseTests(string release) : OwnHostTests
{
    // Beside dom0, Xen and the two guests too little is free for a third.
    private const int HostMiB = 1360, Dom0MiB = 640;

    private const int LenderMiB = 256;

    // An idle guest uses about 100 MiB, so the lender can give what makes the difference to its boot memory.
    private const int ShrunkMiB = 200;

    // As large as its maximum: Debian 11's kernel does not grow beyond its boot memory, not even for xl mem-set.
    private const int NeedyMiB = 320;

    // What the third guest takes: both others must shrink for it.
    private const int ThirdMiB = 160;

    // The needy guest's working set: it needs most of its boot memory again, so the lender must give more.
    private const int DemandMiB = 200;

    private protected override IEnumerable<(string Name, string Value)> Options =>
    [
        ("RIG_RELEASE", release),
        ("RIG_ICOUNT", "3"),
        ("RIG_HOST_MB", $"{HostMiB}"),
        ("RIG_DOM0_MB", $"{Dom0MiB}"),
    ];

    [Test]
    public async Task Guests_shrink_for_another_grow_in_need_and_survive_reboot_and_save_while_shrunk()
    {
        TestContext.Out.WriteLine(await Host.RunAsync("uname -r; xl info | grep -E '^(xen_version|free_memory)'"));
        var lender = await Guest.CreateAsync(
            Host, "lender", GuestKind.Pv, LenderMiB, LenderMiB, GuestTraits.Agent | GuestTraits.Restarts);
        var needy = await Guest.CreateAsync(
            Host, "needy", GuestKind.Pv, NeedyMiB, NeedyMiB, GuestTraits.Agent | GuestTraits.Restarts);
        await lender.BootedAsync();
        await needy.BootedAsync();
        await StartDaemonAsync();
        await Daemon.AgentsReportAsync(Host, lender, needy);
        await Guest.CreateAsync(
            Host,
            "third",
            GuestKind.Pv,
            ThirdMiB,
            ThirdMiB,
            paused: true,
            xl: "xenballoon run --timeout 300 -- xl");
        TestContext.Out.WriteLine(
            $"a third guest was started: {await SizeMiB.OfAsync(lender)}, {await SizeMiB.OfAsync(needy)}"
            + " (target/held, MiB)");

        for (var round = 0; round < Release.Rounds; round++)
        {
            await needy.NeedAsync(DemandMiB);
            await Poll.UntilAsync("the needy guest holds its working set", async () =>
                (await needy.StatsAsync())!.HeldMiB >= DemandMiB);
            await ShrunkAsync(lender);
            lender = await AfterAsync("reboot", lender, needy, () => lender.RebootAsync(RebootBy.Xl));

            await ShrunkAsync(lender);
            lender = await AfterAsync("restore", lender, needy, () =>
                lender.SaveAndRestoreAsync("xenballoon run --timeout 300 -- xl"));
        }
    }

    private static Task ShrunkAsync(Guest guest) => Poll.UntilAsync($"{guest.Name} is shrunk", async () =>
        await SizeMiB.OfAsync(guest) is { Target: < ShrunkMiB, Held: < ShrunkMiB + 8 });

    /// <summary>Does something to the lender, after which both guests must live and have had no OOM kill.</summary>
    private async Task<Guest> AfterAsync(string what, Guest lender, Guest needy, Func<Task<Guest>> act)
    {
        var before = await SizeMiB.OfAsync(lender);
        var returned = await act();
        var created = await SizeMiB.OfAsync(returned);
        await returned.BootedAsync();
        TestContext.Out.WriteLine(
            $"{what,-9} of the lender: before {before}, created {created}, up {await SizeMiB.OfAsync(returned)};"
            + $" the needy guest {await SizeMiB.OfAsync(needy)} (target/held, MiB)");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(returned.Domid, Is.Not.EqualTo(lender.Domid), "it is the same domain");
            foreach (var guest in new[] { returned, needy })
            {
                Assert.That(await guest.AliveAsync(), Is.True, guest.Name);
                Assert.That((await guest.StatsAsync())!.OomKills, Is.Zero, guest.Name);
            }
            Assert.That(await Daemon!.RunningAsync(), Is.True, "xenballoond");
        }

        return returned;
    }
}

/// <summary>What the environment selects.</summary>
internal static class Release
{
    public static string[] Selected =>
        (Environment.GetEnvironmentVariable("RIG_RELEASES") ?? "bullseye trixie").Split(' ');

    public static int Rounds =>
        int.Parse(
            Environment.GetEnvironmentVariable("RIG_ROUNDS") ?? "1",
            System.Globalization.CultureInfo.InvariantCulture);
}
