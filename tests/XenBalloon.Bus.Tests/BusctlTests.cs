using XenBalloon.Core;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>A server on a private bus, and busctl to look at it.</summary>
internal abstract class BusctlTests
{
    protected const string Service = "org.xenballoon.Balloon1";
    protected const string Root = "/org/xenballoon/Balloon1";
    protected const string ManagerInterface = "org.xenballoon.Balloon1.Manager";
    protected const string DomainInterface = "org.xenballoon.Balloon1.Domain";

    protected const string ReservationInterface = "org.xenballoon.Balloon1.Reservation";

    protected PrivateBus Bus { get; private set; } = null!;

    protected RecordingControl Control { get; private set; } = null!;

    protected BusServer Server { get; private set; } = null!;

    [SetUp]
    public void Serve()
    {
        Bus = new PrivateBus();
        Control = new RecordingControl();
        Server = Start(Canned.Host);
    }

    [TearDown]
    public void Stop()
    {
        Server.Dispose();
        Bus.Dispose();
    }

    protected BusServer Start(Publication first) => BusServer.Start(new BusOptions { Address = Bus.Address }, Control, first);

    protected Command Busctl(params string[] arguments) => Command.Run("busctl", [$"--address={Bus.Address}", .. arguments]);

    protected Command BusctlAsNobody(params string[] arguments) => Command.RunAsNobody("busctl", [$"--address={Bus.Address}", .. arguments]);

    protected Command Call(string member, params string[] arguments) => Busctl(["call", Service, Root, ManagerInterface, member, .. arguments]);

    /// <summary>The value of a property as busctl shows it: its type and value.</summary>
    protected string Property(string path, string interfaceName, string name)
    {
        Command command = Busctl("get-property", Service, path, interfaceName, name);
        Assert.That(command.Status, Is.Zero, command.Error);
        return command.Output.TrimEnd();
    }
}
