using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.Releases.Tests;

/// <summary>
/// What changes with Xen and its tools, on the releases of Debian that XenBalloon.EndToEnd does not run on.
/// RIG_RELEASES selects others, and RIG_ROUNDS repeats the round of reboot, save and migration.
/// </summary>
/// <remarks>
/// The host's clock counts instructions, so the load of the machine changes nothing for guests, and these tests run
/// beside others.
/// </remarks>
[TestFixtureSource(nameof(Releases))]
[NonParallelizable]
public sealed class ReleaseTests(string release)
{
    private const int SlackMiB = 32;

    // Beside dom0, Xen and the two guests little is free, but the shrunk lender fits twice beside an idle neighbour.
    private const int HostMiB = 1232, Dom0MiB = 640;

    private const int LenderMiB = 256;

    // An idle guest uses about 100 MiB, so the lender can give what makes the difference to its boot memory.
    private const int ShrunkMiB = 200;

    private const int NeedyMiB = 192, NeedyMaxMiB = 448;

    // The needy guest's need beyond what it has: more than the host has free, so the lender must give.
    private const int DemandMiB = 170;

    private XenHost? host;
    private Daemon? daemon;

    private XenHost Host => host!;

    public static string[] Releases =>
        (Environment.GetEnvironmentVariable("RIG_RELEASES") ?? "bullseye trixie").Split(' ');

    private static int Rounds =>
        int.Parse(
            Environment.GetEnvironmentVariable("RIG_ROUNDS") ?? "1",
            System.Globalization.CultureInfo.InvariantCulture);

    [OneTimeSetUp]
    public async Task Boot() =>
        host = await XenHost.BootAsync(
            ("RIG_RELEASE", release),
            ("RIG_ICOUNT", "2"),
            ("RIG_HOST_MB", $"{HostMiB}"),
            ("RIG_DOM0_MB", $"{Dom0MiB}"));

    [OneTimeTearDown]
    public async Task PowerOff()
    {
        if (host is not null)
            await host.DisposeAsync();
    }

    [Test]
    public async Task Guest_lends_memory_and_survives_reboot_save_and_migration_while_shrunk()
    {
        TestContext.Out.WriteLine(await Host.RunAsync("uname -r; xl info | grep -E '^(xen_version|free_memory)'"));
        var lender = await Guest.CreateAsync(
            Host, "lender", GuestKind.Pv, LenderMiB, LenderMiB, GuestTraits.Agent | GuestTraits.Restarts);
        var needy = await Guest.CreateAsync(
            Host, "needy", GuestKind.Pv, NeedyMiB, NeedyMaxMiB, GuestTraits.Agent | GuestTraits.Restarts);
        await lender.BootedAsync();
        await needy.BootedAsync();
        daemon = await Daemon.StartAsync(Host, slackMiB: SlackMiB);
        await Daemon.AgentsReportAsync(Host, lender, needy);

        for (var round = 0; round < Rounds; round++)
        {
            await NeedAsync(needy);
            await ShrunkAsync(lender);
            lender = await AfterAsync("reboot", lender, needy, () => lender.RebootAsync(RebootBy.Xl));

            await ShrunkAsync(lender);
            lender = await AfterAsync("restore", lender, needy, () =>
                lender.SaveAndRestoreAsync("xenballoon run --timeout 300 -- xl"));

            // The host must hold the migrating domain twice: the memory comes from the guest that needed it before.
            await ShrunkAsync(lender);
            await needy.NeedAsync(8);
            await Poll.UntilAsync("the needy guest has let go", async () =>
                (await needy.StatsAsync())!.HeldMiB == 8);
            lender = await AfterAsync("migration", lender, needy, () => MigrateAsync(lender));
        }
    }

    [TearDown]
    public async Task StopDaemon()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
        {
            TestContext.Out.WriteLine(await Daemon.LogAsync(Host));
            TestContext.Out.WriteLine(
                (await Host.TryAsync(
                    "xl list; xenstore-ls -f /local/domain | grep -E '/(memory|data)/'; tail -n 30 /var/log/xen/*.log"))
                .Output);
            TestContext.Out.WriteLine(Host.Console());
        }
        if (daemon is not null)
            await daemon.StopAsync();
    }

    private static async Task NeedAsync(Guest needy)
    {
        var set = (int)(await needy.AvailableKiBAsync() / 1024) + DemandMiB;
        await needy.NeedAsync(set);
        await Poll.UntilAsync("the needy guest holds its working set", async () =>
            (await needy.StatsAsync())!.HeldMiB >= set);
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
            Assert.That(await daemon!.RunningAsync(), Is.True, "xenballoond");
        }

        return returned;
    }

    private async Task<Guest> MigrateAsync(Guest guest)
    {
        var migrated = await Host.TryAsync(
            $"xl migrate -s '' {guest.Name} 'xenballoon run --timeout 300 -- xl migrate-receive' 2>&1",
            TimeSpan.FromMinutes(10));
        Assert.That(migrated.ExitCode, Is.Zero, migrated.Output);
        return await guest.CurrentAsync();
    }
}
