using System.Text.Json;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

[Category(CountedClock)]
public sealed class ObserveTests : XenTest
{
    [Test]
    public async Task Observe_mode_writes_nothing()
    {
        var idle = await CreateAsync("idle", GuestKind.Pv, memoryMiB: 512, maxMiB: 512);
        var busy = await CreateAsync("busy", GuestKind.Pv, memoryMiB: 224, maxMiB: 512);
        await idle.BootedAsync();
        await busy.BootedAsync();
        await FillHostAsync();
        var sampler = await Sampler.StartAsync(Host);
        var started = await Host.RunAsync("xenstore-watch /local/domain /vm /libxl > /tmp/watched 2>&1 & echo $!");
        var watch = started.Trim();
        await Poll.UntilAsync("the watch is set", async () =>
            (await Host.TryAsync("test -s /tmp/watched")).ExitCode == 0);
        await StartDaemonAsync("observe");

        await busy.NeedAsync((int)(await busy.AvailableKiBAsync() / 1024) + 100);
        await Poll.UntilAsync("the daemon sees the demand", async () =>
            await Daemon.KiBAsync(Host, busy, "Want") > await busy.TargetKiBAsync());
        var seen = (await busy.StatsAsync())!.UptimeSeconds;
        await Poll.UntilAsync("ten seconds have passed", async () =>
            (await busy.StatsAsync())!.UptimeSeconds >= seen + 10);

        await Host.RunAsync($"kill {watch}");
        // Each watch fires once when it is set. Guests write below data/, and so does the test.
        var writes = (await Host.ReadFileAsync("/tmp/watched")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(path =>
                path is not ("/local/domain" or "/vm" or "/libxl")
                    && !path.Contains("/data/", StringComparison.Ordinal));
        var timeline = await sampler.StopAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(writes, Is.Empty);
            foreach (var guest in new[] { idle, busy })
            {
                Assert.That(
                    timeline.Of(guest).Select(s => s.MaxMem).Distinct().Count(),
                    Is.EqualTo(1),
                    $"maxmem of {guest.Name} was changed");
                Assert.That(
                    timeline.Of(guest).Select(s => s.Target).Distinct().Count(),
                    Is.EqualTo(1),
                    $"the target of {guest.Name} was changed");
            }
        }
    }
}

/// <summary>Sizes that an operator sets with xl, without the daemon.</summary>
[Category(CountedClock)]
public sealed class OverrideTests : XenTest
{
    private const int ByHandMiB = 208, MaxMiB = 320;

    [Test]
    public async Task Size_set_with_xl_is_kept_until_unpin_and_a_maximum_set_with_xl_holds()
    {
        var guest = await CreateAsync("byhand", GuestKind.Pv, memoryMiB: 192, maxMiB: 480, GuestTraits.Agent);
        await guest.BootedAsync();
        await StartDaemonAsync();
        await Daemon.AgentsReportAsync(Host, guest);

        await guest.SetMemoryAsync(ByHandMiB);
        await Poll.UntilAsync("the pin is seen", async () =>
            (await ReasonAsync(guest)).Contains(
                $"left at {ByHandMiB} MiB: set by another tool",
                StringComparison.Ordinal));
        var before = (await guest.StatsAsync())!;
        await guest.NeedAsync(ByHandMiB);
        await Poll.UntilAsync("the guest has been short for a while", async () =>
            await guest.StatsAsync() is { SwapOuts: > 0 } now && now.UptimeSeconds >= before.UptimeSeconds + 8);
        Assert.That(await guest.TargetKiBAsync(), Is.EqualTo(ByHandMiB * 1024), "the operator's size was changed");

        await Host.RunAsync($"xl mem-max {guest.Name} {MaxMiB}");
        await Host.RunAsync($"xenballoon unpin {guest.Name}");

        await Poll.UntilAsync("the guest is balanced again", async () =>
            await guest.TargetKiBAsync() > ByHandMiB * 1024);
        await Poll.UntilAsync("the maximum is seen", async () =>
            await Daemon.KiBAsync(Host, guest, "DynamicMax") == MaxMiB * 1024);
        await guest.NeedAsync(MaxMiB);
        await Poll.UntilAsync("the guest has its maximum", async () => await guest.TargetKiBAsync() == MaxMiB * 1024);
        Assert.That(await Daemon.KiBAsync(Host, guest, "MaxMem"), Is.LessThan((MaxMiB + 8) * 1024));
    }

    private static async Task<string> ReasonAsync(Guest guest) =>
        await Daemon.PropertyAsync(Host, guest, "Reason") ?? "";
}

/// <summary>What an operator sees in dom0 with busctl and xenballoon.</summary>
[Category(CountedClock)]
public sealed class BusAndCommandTests : XenTest
{
    private const string Name = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1";

    private static readonly string[] Properties =
    [
        "Domid", "Uuid", "Name", "State", "Managed", "Actual", "Target", "MaxMem", "InUse", "RecentPeak", "Floor",
        "Need", "Want", "Entitlement", "GuaranteedShare", "ReportSource", "ReportVerdict", "ReportAge",
        "ReasonKind", "Reason",
    ];

    [Test]
    public async Task Busctl_and_xenballoon_show_the_guests()
    {
        var guest = await CreateAsync("web", GuestKind.Pv, memoryMiB: 192, maxMiB: 256);
        var unbuilt = await CreateAsync("unbuilt", GuestKind.Pvh, memoryMiB: 64, maxMiB: 128, paused: true);
        await guest.BootedAsync();
        await StartDaemonAsync();
        await Poll.UntilAsync("the guest's report is on the bus", async () =>
            await Daemon.KiBAsync(Host, guest, "InUse") > 0);

        var tree = await Host.RunAsync($"busctl tree --list {Name}");
        var manager = await Host.RunAsync($"busctl introspect {Name} {Root}");
        var domain = await Host.RunAsync($"busctl introspect {Name} {Root}/domain/{guest.Domid}");
        var json = await Host.RunAsync("xenballoon list --json");
        var listed = Named(JsonDocument.Parse(json).RootElement, guest.Name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tree.Split('\n'), Does.Contain(Root).And.Contain($"{Root}/domain/{guest.Domid}"));
            Assert.That(
                manager,
                Does.Contain(".SetMode").And.Contain(".HostFree").And.Contain("org.freedesktop.DBus.ObjectManager"));
            foreach (var property in Properties)
                Assert.That(domain, Does.Contain($".{property} "));
            Assert.That(await Daemon.PropertyAsync(Host, guest, "Name"), Is.EqualTo($"\"{guest.Name}\""));
            Assert.That(await Daemon.KiBAsync(Host, guest, "Domid"), Is.EqualTo(guest.Domid));
            Assert.That(
                await Daemon.PropertyAsync(Host, guest, "Uuid"),
                Is.EqualTo($"\"{(await Host.RunAsync($"xenstore-read {guest.Path}/vm")).Trim()[4..]}\""));
            Assert.That(await Daemon.KiBAsync(Host, guest, "Actual"), Is.InRange(128 * 1024, 257 * 1024));
            Assert.That(await Daemon.PropertyAsync(Host, guest, "Reason"), Has.Length.GreaterThan(2));
            Assert.That(listed, Is.Not.Null, json);
            Assert.That(
                await Daemon.PropertyAsync(Host, unbuilt, "Reason"),
                Does.Contain("being built"),
                "its populate-on-demand memory is not noticed");
        }
    }

    /// <summary>Finds the object with that name anywhere in the document.</summary>
    private static JsonElement? Named(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Array => FirstNamed(element.EnumerateArray(), name),
        JsonValueKind.Object when element.EnumerateObject().Any(property => IsName(property, name)) => element,
        JsonValueKind.Object => FirstNamed(element.EnumerateObject().Select(property => property.Value), name),
        _ => null,
    };

    private static JsonElement? FirstNamed(IEnumerable<JsonElement> elements, string name) =>
        elements.Select(element => Named(element, name)).FirstOrDefault(found => found is not null);

    private static bool IsName(JsonProperty property, string name) =>
        property.Name.Equals("name", StringComparison.OrdinalIgnoreCase)
        && property.Value.ValueKind == JsonValueKind.String
        && property.Value.GetString() == name;
}
