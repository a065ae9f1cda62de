using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Starts and stops servers, with and without a bus.</summary>
internal sealed class StartingTests
{
    private readonly RecordingControl control = new();

    [Test]
    public void Second_server_fails_and_names_the_owner()
    {
        using var bus = new PrivateBus();
        using BusServer first = Start(bus.Address);

        BusUnavailableException error = Assert.Throws<BusUnavailableException>(() => Start(bus.Address));

        Assert.That(error.Cause, Is.EqualTo(BusUnavailableCause.NameTaken));
        Assert.That(error.Message, Is.EqualTo(
            $"process {Environment.ProcessId} owns the bus name org.xenballoon.Balloon1, "
            + "so xenballoond is probably running already: stop it first (systemctl stop xenballoond)"));
    }

    [Test]
    public void Name_is_free_after_the_server_stops()
    {
        using var bus = new PrivateBus();
        Start(bus.Address).Dispose();

        Assert.DoesNotThrow(() => Start(bus.Address).Dispose());
    }

    [TestCase("unix:path=/nonexistent/bus", "/nonexistent/bus")]
    [TestCase("no address at all", "no address at all")]
    public void Missing_bus_is_an_error_with_its_address(string address, string named)
    {
        BusUnavailableException error = Assert.Throws<BusUnavailableException>(() => Start(address));

        Assert.That(error.Cause, Is.EqualTo(BusUnavailableCause.NoBus));
        Assert.That(error.Message, Does.Contain(named).And.Contain("systemctl start dbus").And.Not.Contain("\n"));
    }

    [Test]
    public void Denied_name_is_an_error_with_the_policy_to_install()
    {
        using var bus = new PrivateBus("""
            <policy context="default">
              <allow send_destination="*"/>
              <allow receive_sender="*"/>
              <allow user="*"/>
            </policy>
            """);

        BusUnavailableException error = Assert.Throws<BusUnavailableException>(() => Start(bus.Address));

        Assert.That(error.Cause, Is.EqualTo(BusUnavailableCause.Denied));
        Assert.That(error.Message, Does.Contain("org.xenballoon.Balloon1.conf"));
    }

    [Test]
    public async Task Loss_of_the_bus_ends_the_server()
    {
        using var bus = new PrivateBus();
        using BusServer server = Start(bus.Address);

        bus.Kill();

        BusUnavailableException lost = await Assert.ThrowsAsync<BusUnavailableException>(
            () => server.Completion.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.That(lost.Cause, Is.EqualTo(BusUnavailableCause.Lost));
        Assert.DoesNotThrow(() => server.Publish(Canned.Host), "publishing without a bus has no effect");
    }

    [Test]
    public async Task Dispose_completes_the_server()
    {
        using var bus = new PrivateBus();
        BusServer server = Start(bus.Address);

        server.Dispose();

        await server.Completion.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private BusServer Start(string address) =>
        BusServer.Start(new BusOptions { Address = address }, control, Canned.Host);
}
