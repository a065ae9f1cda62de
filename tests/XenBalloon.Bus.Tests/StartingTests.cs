using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

internal sealed class StartingTests
{
    private readonly RecordingControl control = new();

    [Test]
    public void A_second_server_is_told_who_has_the_name()
    {
        using var bus = new PrivateBus();
        using BusServer first = Start(bus.Address);

        BusUnavailableException refusal = Assert.Throws<BusUnavailableException>(() => Start(bus.Address));

        Assert.That(refusal.Cause, Is.EqualTo(BusUnavailableCause.NameTaken));
        Assert.That(refusal.Message, Does.Contain("org.xenballoon.Balloon1").And.Contain($"process {Environment.ProcessId}").And.Contain("systemctl stop xenballoond"));
    }

    [Test]
    public void The_name_is_free_again_after_a_server_has_left()
    {
        using var bus = new PrivateBus();
        Start(bus.Address).Dispose();

        Assert.DoesNotThrow(() => Start(bus.Address).Dispose());
    }

    [TestCase("unix:path=/nonexistent/bus", "/nonexistent/bus")]
    [TestCase("no address at all", "no address at all")]
    public void No_bus_is_said_with_its_address(string address, string named)
    {
        BusUnavailableException refusal = Assert.Throws<BusUnavailableException>(() => Start(address));

        Assert.That(refusal.Cause, Is.EqualTo(BusUnavailableCause.NoBus));
        Assert.That(refusal.Message, Does.Contain(named).And.Contain("systemctl start dbus").And.Not.Contain("\n"));
    }

    [Test]
    public void A_bus_that_does_not_let_us_own_the_name_is_said_with_the_policy_to_install()
    {
        using var bus = new PrivateBus("""<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow user="*"/></policy>""");

        BusUnavailableException refusal = Assert.Throws<BusUnavailableException>(() => Start(bus.Address));

        Assert.That(refusal.Cause, Is.EqualTo(BusUnavailableCause.Denied));
        Assert.That(refusal.Message, Does.Contain("org.xenballoon.Balloon1.conf"));
    }

    [Test]
    public async Task A_bus_that_vanishes_is_reported()
    {
        using var bus = new PrivateBus();
        using BusServer server = Start(bus.Address);

        bus.Kill();

        BusUnavailableException lost = await Assert.ThrowsAsync<BusUnavailableException>(() => server.Completion.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.That(lost.Cause, Is.EqualTo(BusUnavailableCause.Lost));
        Assert.DoesNotThrow(() => server.Publish(Canned.Host), "publishing to nobody does no harm");
    }

    [Test]
    public async Task Leaving_completes_the_server()
    {
        using var bus = new PrivateBus();
        BusServer server = Start(bus.Address);

        server.Dispose();

        await server.Completion.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private BusServer Start(string address) => BusServer.Start(new BusOptions { Address = address }, control, Canned.Host);
}
