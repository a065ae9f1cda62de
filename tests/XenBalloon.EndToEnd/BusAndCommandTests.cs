using System.Text.Json;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>What an operator sees in dom0, with systemd's own busctl and with xenballoon.</summary>
public sealed class BusAndCommandTests : XenTest
{
    private const string Name = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1";

    [Test]
    public async Task Busctl_and_the_command_show_the_guests()
    {
        var guest = await CreateAsync("web", GuestKind.Pv, memoryMiB: 192, maxMiB: 256);
        var unborn = await CreateAsync("unborn", GuestKind.Pvh, memoryMiB: 64, maxMiB: 128, paused: true);
        await guest.BootedAsync();
        await StartDaemonAsync();
        await Poll.UntilAsync("the guest's report is on the bus", async () => await Daemon.KiBAsync(Host, guest, "InUse") > 0);

        var tree = await Host.RunAsync($"busctl tree --list {Name}");
        var manager = await Host.RunAsync($"busctl introspect {Name} {Root}");
        var domain = await Host.RunAsync($"busctl introspect {Name} {Root}/domain/{guest.Domid}");
        var json = await Host.RunAsync("xenballoon list --json");
        var listed = Named(JsonDocument.Parse(json).RootElement, guest.Name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tree.Split('\n'), Does.Contain(Root).And.Contain($"{Root}/domain/{guest.Domid}"));
            Assert.That(manager, Does.Contain(".SetMode").And.Contain(".HostFree").And.Contain("org.freedesktop.DBus.ObjectManager"));
            foreach (var property in (string[])["Domid", "Uuid", "Name", "State", "Managed", "Actual", "Target", "MaxMem", "InUse", "RecentPeak", "Floor", "Need", "Want", "Entitlement", "GuaranteedShare", "ReportSource", "ReportVerdict", "ReportAge", "Reason"])
                Assert.That(domain, Does.Contain($".{property} "));
            Assert.That(await Daemon.PropertyAsync(Host, guest, "Name"), Is.EqualTo($"\"{guest.Name}\""));
            Assert.That(await Daemon.KiBAsync(Host, guest, "Domid"), Is.EqualTo(guest.Domid));
            Assert.That(await Daemon.PropertyAsync(Host, guest, "Uuid"), Is.EqualTo($"\"{(await Host.RunAsync($"xenstore-read {guest.Path}/vm")).Trim()[4..]}\""));
            Assert.That(await Daemon.KiBAsync(Host, guest, "Actual"), Is.InRange(128 * 1024, 257 * 1024));
            Assert.That(await Daemon.PropertyAsync(Host, guest, "Reason"), Has.Length.GreaterThan(2));
            Assert.That(listed, Is.Not.Null, json);
            Assert.That(await Daemon.PropertyAsync(Host, unborn, "Reason"), Does.Contain("being built"), "what it is to populate on demand is not seen");
        }
    }

    /// <summary>The object with that name, wherever the document keeps its list.</summary>
    private static JsonElement? Named(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Select(e => Named(e, name)).FirstOrDefault(e => e is not null),
        JsonValueKind.Object when element.EnumerateObject().Any(p =>
            p.Name.Equals("name", StringComparison.OrdinalIgnoreCase) && p.Value.ValueKind == JsonValueKind.String && p.Value.GetString() == name) => element,
        JsonValueKind.Object => element.EnumerateObject().Select(p => Named(p.Value, name)).FirstOrDefault(e => e is not null),
        _ => null,
    };
}
