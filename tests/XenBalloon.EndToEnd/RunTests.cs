using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary><c>xenballoon run -- xl create</c> on a host without free memory.</summary>
public sealed class RunTests : XenTest
{
    private const string Run = "xenballoon run --timeout 120 -- xl";

    private const int NewMiB = 192;

    [Test]
    public async Task Domain_starts_on_a_full_host_with_memory_of_an_idle_guest_and_none_of_a_busy_or_stuck_guest()
    {
        var watch = Stopwatch.StartNew();
        await (await CreateAsync("early", GuestKind.Pv, NewMiB, NewMiB)).DestroyAsync();
        var onEmptyHost = watch.Elapsed;
        var idle = await CreateAsync("idle", GuestKind.Pv, memoryMiB: 512, maxMiB: 512, GuestTraits.Agent);
        var busy = await RigTests.BusyGuestAsync(this);
        await idle.BootedAsync();
        await FillHostAsync();
        var daemon = await StartDaemonAsync(settings: "keep-free = 0m");
        await Daemon.AgentsReportAsync(Host, idle);
        Assert.That(
            (await Host.TryAsync($"guest-create plain pv {NewMiB} {NewMiB}")).ExitCode,
            Is.Not.Zero,
            "the host has memory for it without xenballoon");

        watch.Restart();
        var newcomer = await CreateAsync("newcomer", GuestKind.Pv, NewMiB, NewMiB, xl: Run);
        var onFullHost = watch.Elapsed;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"xl create of {NewMiB} MiB on an empty host: {onEmptyHost.TotalSeconds:0.0} s; "
            + $"xenballoon run -- xl create on a full host: {onFullHost.TotalSeconds:0.0} s"));
        await newcomer.BootedAsync();
        await Poll.UntilAsync("the reservation is used up", async () => (await ReservationsAsync()).Length == 0);

        // No guest can give memory now: the idle guest has what it uses, the busy guest uses what it has, and the
        // ballast is paused.
        var busyBefore = (await busy.StatsAsync())!;
        var refused = await Host.TryAsync(
            $"GUEST_XL='xenballoon run --timeout 15 -- xl' guest-create toomuch pv 400 400");
        var failing = await Host.TryAsync(
            "sed 's#/guest/vmlinux#/nowhere#; s/newcomer/nokernel/' /etc/xen/newcomer*.cfg > /etc/xen/nokernel.cfg"
            + " && sed -i 's/^memory.*/memory = 16/; s/^maxmem.*/maxmem = 16/' /etc/xen/nokernel.cfg"
            + " && xenballoon run -- xl create -q /etc/xen/nokernel.cfg; echo status $?");

        TestContext.Out.WriteLine(refused.Output);
        TestContext.Out.WriteLine(failing.Output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused.ExitCode, Is.Not.Zero);
            Assert.That(refused.Output, Does.Contain("has ended (expired): "));
            Assert.That(
                (await Host.TryAsync("xl domid toomuch")).ExitCode,
                Is.Not.Zero,
                "xl was run without enough memory");
            Assert.That(
                failing.Output,
                Does.Contain("'/nowhere'").And.Contain("status 3"),
                "the failure of xl is not reported");
            Assert.That(await ReservationsAsync(), Is.Empty);
            Assert.That(
                (await busy.StatsAsync())!.Passes,
                Is.GreaterThan(busyBefore.Passes),
                "the busy guest does not progress");
            Assert.That(await busy.TargetKiBAsync(), Is.AtLeast(RigTests.BusySetMiB * 1024L));
            foreach (var guest in new[] { idle, busy, newcomer })
                Assert.That(await guest.AliveAsync(), Is.True, guest.Name);
            Assert.That((await idle.StatsAsync())!.OomKills + (await busy.StatsAsync())!.OomKills, Is.Zero);
            Assert.That(await daemon.RunningAsync(), Is.True);
        }
    }

    [Test]
    [RepeatedAfterEmulatorFault]
    public async Task Migrated_or_restored_domain_waits_for_memory_of_an_idle_guest()
    {
        var idle = await CreateAsync("idle", GuestKind.Pv, memoryMiB: 400, maxMiB: 400, GuestTraits.Agent);
        var migrating = await CreateAsync("migrating", GuestKind.Pvh, memoryMiB: 128, maxMiB: 128);
        await idle.BootedAsync();
        await migrating.BootedAsync();
        await FillHostAsync();
        await StartDaemonAsync(settings: "keep-free = 0m");
        await Daemon.AgentsReportAsync(Host, idle);

        // Sender and receiver are the same host, which must hold the domain twice. Once the sender's is gone, there is
        // enough memory again for the idle guest's boot memory.
        var sampler = await Sampler.StartAsync(Host);
        TestContext.Out.WriteLine(
            await Host.RunAsync($"xl migrate -s '' {migrating.Name} 'xenballoon run -- xl migrate-receive' 2>&1"));
        var arrived = await migrating.CurrentAsync();
        await arrived.BootedAsync();
        Assert.That(arrived.Domid, Is.GreaterThan(migrating.Domid));
        var least = (await sampler.StopAsync()).Of(idle).Min(sample => sample.Target);
        Assert.That(least, Is.LessThan(320 * 1024), "the host had enough memory without the idle guest's");
        await Poll.UntilAsync("the reservation is used up", async () => (await ReservationsAsync()).Length == 0);

        var restored = await arrived.SaveAndRestoreAsync("xenballoon run -- xl");
        await restored.BootedAsync();
        Assert.That(await restored.AliveAsync() && await idle.AliveAsync(), Is.True);
        await Poll.UntilAsync("the reservation is used up", async () => (await ReservationsAsync()).Length == 0);
    }

    [Test]
    [Category(CountedClock)]
    public async Task Domain_created_without_the_daemon_while_memory_moves_is_built_without_harm_to_others()
    {
        var lender = await CreateAsync("lender", GuestKind.Pv, memoryMiB: 400, maxMiB: 400, GuestTraits.Agent);
        var needy = await CreateAsync("needy", GuestKind.Pv, memoryMiB: 224, maxMiB: 512, GuestTraits.Agent);
        await lender.BootedAsync();
        await needy.BootedAsync();
        await FillHostAsync(besideMiB: NewMiB + 16);
        var sampler = await Sampler.StartAsync(Host);
        await StartDaemonAsync(settings: "keep-free = 0m");
        await Daemon.AgentsReportAsync(Host, lender, needy);
        var need = (int)(await needy.AvailableKiBAsync() / 1024) + 60;

        await needy.NeedAsync(need);
        var unannounced = await CreateAsync("unannounced", GuestKind.Pv, 112, 112);

        await unannounced.BootedAsync();
        await Poll.UntilAsync("the needy guest holds what it needs", async () =>
            (await needy.StatsAsync())!.HeldMiB >= need);
        var timeline = await sampler.StopAsync();
        using (Assert.EnterMultipleScope())
        {
            foreach (var guest in new[] { lender, needy })
            {
                Assert.That(
                    timeline.Of(guest).Where(s => s.Target + 6 * 1024 < s.Used),
                    Is.Empty,
                    $"{guest.Name} was taken below what it uses");
                Assert.That((await guest.StatsAsync())!.OomKills, Is.Zero, guest.Name);
            }
        }
    }

    private static async Task<JsonElement[]> ReservationsAsync() =>
        [
            .. JsonDocument.Parse(await Host.RunAsync("xenballoon reservations --json"))
                .RootElement.GetProperty("reservations").EnumerateArray(),
        ];
}

/// <summary>Compares <c>xenballoon need</c> with what domains really take.</summary>
public sealed class NeedTests : XenTest
{
    private const int ToleranceKiB = 4096;

    private static readonly (string Type, int MemoryMiB, int MaxMiB, string More)[] Table =
    [
        ("pv", 128, 128, ""), ("pv", 256, 1024, "vcpus = 4"), ("pvh", 128, 128, ""), ("pvh", 128, 1024, "vcpus = 8"),
        ("pvh", 128, 256, "shadow_memory = 24"), ("pvh", 192, 192, "maxvcpus = 16"),
    ];

    [Test]
    [Category(CountedClock)]
    public async Task Domain_takes_its_computed_need_or_slightly_less()
    {
        await StartDaemonAsync(mode: "observe");
        var table = new StringBuilder("  type  memory/maxmem MiB  more                 computed KiB  taken KiB\n");
        using (Assert.EnterMultipleScope())
        {
            foreach (var (type, memory, max, more) in Table)
            {
                var before = await FreeKiBAsync();
                var name = Host.NextGuestName("sized");
                await Host.RunAsync($"guest-create --paused {name} {type} {memory} {max} '{more}'");
                var taken = before - await FreeKiBAsync();
                var json = await Host.RunAsync($"xenballoon need --json -- xl create /etc/xen/{name}.cfg -q");
                var need = JsonDocument.Parse(json).RootElement.GetProperty("need_kib").GetInt64();
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"  {type,-4}  {memory,6} / {max,-6}        {more,-20} {need,12}  {taken,9}\n");
                Assert.That(need, Is.InRange(taken, taken + ToleranceKiB), $"{type} {memory}/{max} {more}");
                await Host.RunAsync($"xl destroy {name}");
                await Poll.UntilAsync($"{name}'s memory is free again", async () =>
                    await FreeKiBAsync() > before - 1024);
            }
        }

        TestContext.Out.WriteLine(table);
    }

    /// <summary>The host's free memory, to the KiB.</summary>
    private static async Task<long> FreeKiBAsync() =>
        JsonDocument.Parse(await Host.RunAsync("xenballoon balance --json"))
            .RootElement.GetProperty("host_free_kib").GetInt64();
}
