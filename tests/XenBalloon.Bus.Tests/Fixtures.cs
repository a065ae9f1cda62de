using System.Xml.Linq;
using XenBalloon.Bus.Server;
using XenBalloon.Core;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>A new server on a private bus for each test, with busctl as the client.</summary>
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
    public void StartServer()
    {
        Bus = new PrivateBus();
        Control = new RecordingControl();
        Server = Start(Canned.Host);
    }

    [TearDown]
    public void StopServer()
    {
        Server.Dispose();
        Bus.Dispose();
    }

    protected BusServer Start(Publication first) =>
        BusServer.Start(new BusOptions { Address = Bus.Address }, Control, first);

    protected Command Busctl(params string[] arguments) =>
        Command.Run("busctl", [$"--address={Bus.Address}", .. arguments]);

    protected Command BusctlUnprivileged(params string[] arguments) =>
        Command.RunUnprivileged("busctl", [$"--address={Bus.Address}", .. arguments]);

    protected Command Call(string member, params string[] arguments) =>
        Busctl(["call", Service, Root, ManagerInterface, member, .. arguments]);

    /// <summary>The type and value of a property, as busctl prints them.</summary>
    protected string Property(string path, string interfaceName, string name)
    {
        Command command = Busctl("get-property", Service, path, interfaceName, name);
        Assert.That(command.Status, Is.Zero, command.Error);
        return command.Output.TrimEnd();
    }
}

/// <summary>
/// One server for all tests of a fixture, with the canned host and one reservation, on a bus with the policies of the
/// system bus and of the service.
/// </summary>
internal abstract class SystemBusTests
{
    private const string Service = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1";

    /// <summary>The first state, with a reservation and the memory that it holds.</summary>
    protected static Publication First { get; } = Canned.Host with
    {
        Reservations = [Canned.Reservation(4)],
        Plan = Canned.Host.Plan with { Host = Canned.Host.Plan.Host with { Reserved = Canned.Reservation(4).Held } },
    };

    /// <summary>The policy elements of the bus's configuration that precede the shipped policy.</summary>
    protected virtual string Policy => PrivateBus.SystemPolicy;

    /// <summary>How long polkit may take; null for the default.</summary>
    protected virtual TimeSpan? PolkitTimeout => null;

    protected PrivateBus Bus { get; private set; } = null!;

    protected RecordingControl Control { get; private set; } = null!;

    protected BusServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public void StartServer()
    {
        Bus = new PrivateBus(Policy + ShippedFiles.Policy);
        Control = new RecordingControl();
        var options = new BusOptions { Address = Bus.Address, PolkitTimeout = PolkitTimeout };
        Server = BusServer.Start(options, Control, First);

        // The owner of the canned reservation is not on the bus, which the server reports first.
        Eventually.Holds(
            () => Control.Requests.SequenceEqual(["owner left"]), () => "the owner's absence was not reported");
    }

    [OneTimeTearDown]
    public void StopServer()
    {
        Server.Dispose();
        Bus.Dispose();
    }

    [SetUp]
    public void ClearRequests() => Control.Clear();

    protected Command Get(Member property, bool unprivileged = false) => Busctl(
        unprivileged,
        ["get-property", Service, PathOf(property), $"{Service}.{property.Interface}", property.Name]);

    protected Command Call(MethodCase method, bool unprivileged = false, params string[] options)
    {
        Member member = method.Member;
        string[] call = ["call", Service, PathOf(member), $"{Service}.{member.Interface}", member.Name];
        return Busctl(unprivileged, [.. options, .. call, .. method.Arguments]);
    }

    private static string PathOf(Member member) => member.Interface switch
    {
        "Domain" => Root + "/domain/3",
        "Reservation" => Root + "/reservation/4",
        _ => Root,
    };

    private Command Busctl(bool unprivileged, string[] arguments)
    {
        string[] all = [$"--address={Bus.Address}", .. arguments];
        return unprivileged
            ? Command.RunUnprivileged("busctl", all, ErrorReply.Environment)
            : Command.Run("busctl", all, ErrorReply.Environment);
    }
}

/// <summary>The files of init/dbus, which the build copies next to the tests.</summary>
internal static class ShippedFiles
{
    /// <summary>The shipped bus policy, for a bus's configuration.</summary>
    internal static string Policy => $"<include>{PathOf("org.xenballoon.Balloon1.conf")}</include>";

    /// <summary>The polkit actions that the methods name.</summary>
    internal static IEnumerable<string> PolkitActions =>
        from name in (string[])["Manager", "Domain", "Reservation"]
        from annotation in Interface($"org.xenballoon.Balloon1.{name}").Descendants("annotation")
        where (string?)annotation.Attribute("name") == "org.xenballoon.PolkitAction"
        let action = (string)annotation.Attribute("value")!
        where action != "none"
        group action by action into same
        select same.Key;

    internal static XElement Interface(string name) =>
        XDocument.Load(PathOf(name + ".xml")).Root!.Element("interface")!;

    internal static string PathOf(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "dbus", name);
}
