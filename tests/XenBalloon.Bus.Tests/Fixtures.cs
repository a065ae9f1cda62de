using System.Xml.Linq;
using XenBalloon.Bus.Server;
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

    protected Command BusctlAsNobody(params string[] arguments) => Command.RunUnprivileged("busctl", [$"--address={Bus.Address}", .. arguments]);

    protected Command Call(string member, params string[] arguments) => Busctl(["call", Service, Root, ManagerInterface, member, .. arguments]);

    /// <summary>The value of a property as busctl shows it: its type and value.</summary>
    protected string Property(string path, string interfaceName, string name)
    {
        Command command = Busctl("get-property", Service, path, interfaceName, name);
        Assert.That(command.Status, Is.Zero, command.Error);
        return command.Output.TrimEnd();
    }
}

/// <summary>
/// A server with the canned host and one reservation, on a bus with the policies of a system bus and ours; one for all
/// tests of a fixture.
/// </summary>
internal abstract class SystemBusTests
{
    private const string Service = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1";

    /// <summary>A reservation is on it, and what is held for it.</summary>
    protected static Publication First { get; } = Canned.Host with
    {
        Reservations = [Canned.Reservation(4)],
        Plan = Canned.Host.Plan with { Host = Canned.Host.Plan.Host with { Reserved = Canned.Reservation(4).Held } },
    };

    /// <summary>What goes between the tags of the bus's configuration, before our own policy.</summary>
    protected virtual string Policy => PrivateBus.SystemPolicy;

    /// <summary>How long polkit may take; null for the usual.</summary>
    protected virtual TimeSpan? PolkitTimeout => null;

    protected PrivateBus Bus { get; private set; } = null!;

    protected RecordingControl Control { get; private set; } = null!;

    protected BusServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public void Serve()
    {
        Bus = new PrivateBus(Policy + ShippedFiles.Policy);
        Control = new RecordingControl();
        var options = new BusOptions { Address = Bus.Address, PolkitTimeout = PolkitTimeout };
        Server = BusServer.Start(options, Control, First);

        // The canned reservation's owner is not there, and that is told at the beginning.
        Eventually.Holds(() => Control.Asked.Count == 1, () => "nobody was told that the owner is not there");
        Control.Forget();
    }

    [OneTimeTearDown]
    public void Stop()
    {
        Server.Dispose();
        Bus.Dispose();
    }

    [SetUp]
    public void Forget() => Control.Forget();

    protected Command Get(Member property, bool asNobody = false) =>
        Busctl(asNobody, ["get-property", Service, PathOf(property), $"{Service}.{property.Interface}", property.Name]);

    protected Command Call(MethodCase method, bool asNobody = false, params string[] options)
    {
        Member member = method.Member;
        string[] call = ["call", Service, PathOf(member), $"{Service}.{member.Interface}", member.Name];
        return Busctl(asNobody, [.. options, .. call, .. method.Arguments]);
    }

    private static string PathOf(Member member) => member.Interface switch
    {
        "Domain" => Root + "/domain/3",
        "Reservation" => Root + "/reservation/4",
        _ => Root,
    };

    private Command Busctl(bool asNobody, string[] arguments)
    {
        string[] all = [$"--address={Bus.Address}", .. arguments];
        return asNobody
            ? Command.RunUnprivileged("busctl", all, ErrorReply.Environment)
            : Command.Run("busctl", all, ErrorReply.Environment);
    }
}

/// <summary>The files of init/dbus, which the build puts beside the tests.</summary>
internal static class ShippedFiles
{
    /// <summary>Our policy, for a bus's configuration.</summary>
    internal static string Policy => $"<include>{PathOf("org.xenballoon.Balloon1.conf")}</include>";

    internal static XElement Interface(string name) => XDocument.Load(PathOf(name + ".xml")).Root!.Element("interface")!;

    internal static string PathOf(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "dbus", name);
}
