using System.Xml.Linq;
using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>The shipped policy on a bus that, like the system bus, denies what no policy allows.</summary>
internal sealed class BusPolicyTests
{
    private const string Service = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1";
    private const string Manager = "org.xenballoon.Balloon1.Manager", ServiceForRoot = Service + ".Root";
    private const string BusName = "org.freedesktop.DBus";

    private PrivateBus bus = null!;
    private BusServer server = null!;

    [SetUp]
    public void StartServer()
    {
        bus = new PrivateBus(PrivateBus.SystemPolicy + ShippedFiles.Policy);
        server = BusServer.Start(new BusOptions { Address = bus.Address }, new RecordingControl(), Canned.Host);
    }

    [TearDown]
    public void StopServer()
    {
        server.Dispose();
        bus.Dispose();
    }

    [TestCase("get-property", Service, Root, Manager, "Mode")]
    [TestCase("call", Service, Root, Manager, "GetDomain", "s", "web")]
    [TestCase("call", Service, Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")]
    [TestCase("introspect", Service, Root + "/domain/3")]
    [TestCase("--list", "tree", Service)]
    public void Any_user_may_read(params string[] arguments)
    {
        Command command = BusctlUnprivileged(arguments);

        Assert.That((command.Status, command.Error), Is.EqualTo((0, "")));
    }

    [Test]
    public void Change_by_another_user_reaches_the_daemon_which_denies_it()
    {
        string[] reload = ["call", Service, Root, Manager, "Reload"];
        using var monitor = new BusMonitor(bus, "type='error'");

        Assert.That(BusctlUnprivileged(reload).Status, Is.Not.Zero);
        Eventually.Holds(
            () => monitor.Messages.Any(
                message => message.ToString().Contains("Reload requires root", StringComparison.Ordinal)),
            () => string.Join('\n', monitor.Messages));
        Assert.That(Busctl(reload).Status, Is.Zero);
    }

    [Test]
    public void Only_root_may_call_the_name_for_root()
    {
        string[] reload = ["call", ServiceForRoot, Root, Manager, "Reload"];
        string[] owner = ["call", BusName, "/org/freedesktop/DBus", BusName, "GetNameOwner", "s", ServiceForRoot];
        Assert.That(Busctl(reload).Status, Is.Zero);
        string unique = Busctl(owner).Output.Split('"')[1];

        foreach (string name in (string[])[ServiceForRoot, unique])
        {
            string[] read = ["get-property", name, Root, Manager, "Mode"];
            Assert.That(Busctl(read).Status, Is.Zero);
            Assert.That(BusctlUnprivileged(read).Error, Does.Contain("Access denied"));
        }
    }

    [TestCase(Service)]
    [TestCase(ServiceForRoot)]
    public void Only_root_may_own_the_name(string name)
    {
        server.Dispose();
        string[] request = ["call", BusName, "/org/freedesktop/DBus", BusName, "RequestName", "su", name, "4"];

        Assert.That(BusctlUnprivileged(request).Error, Does.Contain("Access denied"));
        Assert.That(Busctl(request).Status, Is.Zero);
    }

    [Test]
    public void Other_users_are_kept_from_what_the_library_answers_itself()
    {
        string[] ping = ["call", Service, Root, "org.freedesktop.DBus.Peer", "Ping"];

        Assert.That(BusctlUnprivileged(ping).Error, Does.Contain("Access denied"));
        Assert.That(Busctl(ping).Status, Is.Zero);
    }

    private Command Busctl(string[] arguments) => Command.Run("busctl", [$"--address={bus.Address}", .. arguments]);

    private Command BusctlUnprivileged(string[] arguments) =>
        Command.RunUnprivileged("busctl", [$"--address={bus.Address}", .. arguments]);
}

/// <summary>The shipped file of polkit actions.</summary>
internal sealed class PolkitActionTests
{
    private static readonly string PolicyFile =
        Path.Combine(TestContext.CurrentContext.TestDirectory, "polkit", "org.xenballoon.Balloon1.policy");

    private static readonly XElement[] Actions = [.. XDocument.Load(PolicyFile).Root!.Elements("action")];

    [Test]
    public void Exactly_the_actions_that_the_daemon_checks_are_declared() => Assert.That(
        Actions.Select(action => (string?)action.Attribute("id")),
        Is.EquivalentTo(ShippedFiles.PolkitActions));

    [Test]
    public void Each_action_requires_an_administrators_password_by_default()
    {
        IEnumerable<string> defaults =
            Actions.SelectMany(action => action.Element("defaults")!.Elements()).Select(answer => answer.Value);
        Assert.That(defaults, Has.Exactly(9).Items.And.All.AnyOf("auth_admin", "auth_admin_keep"));
    }

    [Test]
    public void Each_action_has_a_description_and_a_message() => Assert.That(
        Actions.SelectMany(action => new[] { action.Element("description")?.Value, action.Element("message")?.Value }),
        Is.All.Not.Null.And.All.Not.Empty);
}
