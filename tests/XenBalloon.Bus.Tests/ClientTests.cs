using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>The client, with a server on a private bus.</summary>
internal sealed class ClientTests : BusctlTests
{
    private BalloonClient client = null!;

    [SetUp]
    public void Connect() => client = BalloonClient.Connect(Bus.Address);

    [TearDown]
    public void Disconnect() => client.Dispose();

    [Test]
    public void Host_is_read_as_published()
    {
        HostStatus host = client.Read();

        Assert.That(host.Reservations, Is.Empty);
        Assert.That(host with { Domains = [], Reservations = [] }, Is.EqualTo(new HostStatus
        {
            Version = "0.1.0",
            Host = "Xen 4.17",
            Mode = "active",
            ModeReason = "",
            Policy = "fair-share",
            HostTotal = KiB.FromMiB(4096),
            HostFree = KiB.FromMiB(700),
            Slack = KiB.FromMiB(64),
            KeepFree = KiB.FromMiB(200),
            Reserved = KiB.Zero,
            Pressure = "demand",
            Alarm = "none",
            Domains = [],
            Reservations = [],
        }));
    }

    [Test]
    public void Domain_is_read_as_published()
    {
        DomainStatus web = client.Read().Domains.Single(domain => domain.Name == "web");

        Assert.That(web, Is.EqualTo(new DomainStatus
        {
            Domid = 3,
            Uuid = "00000003-1234-5678-0102-030405060708",
            Name = "web",
            State = "running",
            Managed = true,
            Health = "cooperative",
            Alarms = [],
            Actual = KiB.FromMiB(800),
            Target = KiB.FromMiB(750),
            MaxMem = KiB.FromMiB(801),
            DynamicMin = KiB.FromMiB(128),
            DynamicMax = KiB.FromMiB(1024),
            StaticMax = KiB.FromMiB(1024),
            BootMemory = KiB.FromMiB(512),
            Pinned = null,
            SettingsFrom = "",
            Weight = 100,
            InUse = KiB.FromMiB(310),
            RecentPeak = KiB.FromMiB(780),
            Need = KiB.FromMiB(326),
            GuaranteedShare = KiB.FromMiB(600),
            Want = KiB.FromMiB(372),
            Floor = KiB.FromMiB(326),
            Entitlement = KiB.FromMiB(650),
            ReportSource = "xenserver",
            ReportVerdict = "fresh",
            ReportAge = TimeSpan.FromSeconds(5),
            ReasonKind = "shrinking",
            Reason = "shrinking 800 MiB to 750 MiB: another domain needs memory; "
                + "in use 310 MiB, needs 326 MiB, wants 372 MiB, recent peak 780 MiB; share 650 MiB",
        }));
    }

    [Test]
    public void Unknown_value_of_a_domain_is_null()
    {
        DomainStatus dom0 = client.Read().Domains[0];

        Assert.That(
            (dom0.Target, dom0.StaticMax, dom0.InUse, dom0.ReportAge),
            Is.EqualTo(((KiB?)null, (KiB?)null, (KiB?)null, (TimeSpan?)null)));
    }

    [Test]
    public void Domains_are_sorted_by_domid()
    {
        int[] domids = [.. Enumerable.Range(1, 30)];
        Server.Publish(Canned.Publish(
            [.. domids.Select(i => Canned.Guest(i, $"g{i}", 256, 256, 100, 120, ReasonKind.Balanced, 256))]));

        Eventually.Holds(
            () => client.Read().Domains.Select(domain => (int)domain.Domid).SequenceEqual(domids),
            () => "wrong order");
    }

    [Test]
    public void Existing_domain_is_found_and_missing_one_is_an_error()
    {
        Assert.That(client.FindDomain("db"), Is.EqualTo(7));
        Assert.That(
            Refusal(() => client.FindDomain("dbx")),
            Is.EqualTo((ControlError.NoSuchDomain, "no domain 'dbx': see 'xenballoon list'")));
    }

    [Test]
    public void Mode_is_set()
    {
        client.SetMode(BalancerMode.Paused);

        Assert.That(Control.Requests, Is.EqualTo(new[] { "mode Paused" }));
    }

    [Test]
    public void Refusal_has_the_message_of_the_daemon()
    {
        Control.Respond = () => Task.FromException(new InvalidOperationException("no balancing pass yet: try again"));

        Assert.That(
            Refusal(() => client.SetMode(BalancerMode.Active)),
            Is.EqualTo((ControlError.Failed, "no balancing pass yet: try again")));
    }

    [Test]
    public void Stopped_daemon_is_unreachable()
    {
        Server.Dispose();

        const string Message = "xenballoond does not run (org.xenballoon.Balloon1 has no owner): "
            + "start it (systemctl start xenballoond)";
        Assert.That(Refusal(() => client.Read()), Is.EqualTo((ControlError.Unreachable, Message)));
    }

    [Test]
    public void Daemon_is_unreachable_after_loss_of_the_bus()
    {
        client.Read();
        Bus.Kill();

        Assert.That(Refusal(() => client.Read()).Error, Is.EqualTo(ControlError.Unreachable));
    }

    [Test]
    public void Daemon_is_unreachable_without_a_bus() =>
        Assert.That(
            Refusal(() => BalloonClient.Connect("unix:path=/nonexistent/bus")).Error,
            Is.EqualTo(ControlError.Unreachable));

    [Test]
    public void Change_ends_a_wait()
    {
        client.WaitForChange(TimeSpan.FromSeconds(30));
        while (client.WaitForChange(TimeSpan.FromMilliseconds(200))) continue;

        Server.Publish(Canned.Host with { Mode = BalancerMode.Observe });

        Assert.That(client.WaitForChange(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(client.Read().Mode, Is.EqualTo("observe"));
    }

    [Test]
    public void Wait_without_a_change_times_out()
    {
        client.WaitForChange(TimeSpan.FromSeconds(30));
        while (client.WaitForChange(TimeSpan.FromMilliseconds(200))) continue;

        Assert.That(client.WaitForChange(TimeSpan.FromMilliseconds(50)), Is.False);
    }

    private static (ControlError Error, string Message) Refusal(Action call)
    {
        ControlException refusal = Assert.Throws<ControlException>(() => call());
        return (refusal.Error, refusal.Message);
    }
}
