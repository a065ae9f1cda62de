using System.Xml.Linq;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>The shipped policy on a bus that, like the system bus, forbids what nobody allows.</summary>
internal sealed class ShippedPolicyTests
{
    private PrivateBus bus = null!;
    private BusServer server = null!;

    [SetUp]
    public void Serve()
    {
        bus = new PrivateBus(PrivateBus.SystemPolicy + ShippedFiles.Policy);
        server = BusServer.Start(new BusOptions { Address = bus.Address }, new RecordingControl(), Canned.Host);
    }

    [TearDown]
    public void Stop()
    {
        server.Dispose();
        bus.Dispose();
    }

    [TestCase("get-property", "org.xenballoon.Balloon1", "/org/xenballoon/Balloon1", "org.xenballoon.Balloon1.Manager", "Mode")]
    [TestCase("call", "org.xenballoon.Balloon1", "/org/xenballoon/Balloon1", "org.xenballoon.Balloon1.Manager", "GetDomain", "s", "web")]
    [TestCase("call", "org.xenballoon.Balloon1", "/org/xenballoon/Balloon1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")]
    [TestCase("introspect", "org.xenballoon.Balloon1", "/org/xenballoon/Balloon1/domain/3")]
    [TestCase("--list", "tree", "org.xenballoon.Balloon1")]
    public void Anyone_may(params string[] arguments)
    {
        Command command = Command.RunUnprivileged("busctl", [$"--address={bus.Address}", .. arguments]);

        Assert.That((command.Status, command.Error), Is.EqualTo((0, "")));
    }

    [Test]
    public void A_change_by_anyone_is_refused_by_the_daemon_itself()
    {
        string[] reload = ["call", "org.xenballoon.Balloon1", "/org/xenballoon/Balloon1", "org.xenballoon.Balloon1.Manager", "Reload"];

        using var monitor = new BusMonitor(bus, "type='error'");

        Assert.That(Command.RunUnprivileged("busctl", [$"--address={bus.Address}", .. reload]).Status, Is.Not.Zero);
        Eventually.Holds(
            () => monitor.Messages.Any(message => message.ToString().Contains("Reload requires root", StringComparison.Ordinal)),
            () => string.Join('\n', monitor.Messages));
        Assert.That(Command.Run("busctl", [$"--address={bus.Address}", .. reload]).Status, Is.Zero);
    }

    [Test]
    public void Nobody_but_root_may_own_the_name()
    {
        server.Dispose();
        string[] request = ["call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName", "su", "org.xenballoon.Balloon1", "4"];

        Assert.That(Command.RunUnprivileged("busctl", [$"--address={bus.Address}", .. request]).Error, Does.Contain("Access denied"));
        Assert.That(Command.Run("busctl", [$"--address={bus.Address}", .. request]).Status, Is.Zero);
    }
}

/// <summary>The shipped file of polkit's actions.</summary>
internal sealed class PolkitActionTests
{
    private static readonly string PolicyFile =
        Path.Combine(TestContext.CurrentContext.TestDirectory, "polkit", "org.xenballoon.Balloon1.policy");

    private static readonly XElement[] Actions = [.. XDocument.Load(PolicyFile).Root!.Elements("action")];

    [Test]
    public void Each_action_that_polkit_is_asked_about_is_in_it_and_no_other() => Assert.That(
        Actions.Select(action => (string?)action.Attribute("id")),
        Is.EquivalentTo(new[] { BusNames.SetHostAction, BusNames.SetDomainAction, BusNames.ReserveAction }));

    [Test]
    public void By_default_only_an_administrator_may_and_not_without_a_password()
    {
        IEnumerable<string> answers =
            Actions.SelectMany(action => action.Element("defaults")!.Elements()).Select(answer => answer.Value);
        Assert.That(answers, Has.Exactly(9).Items.And.All.AnyOf("auth_admin", "auth_admin_keep"));
    }

    [Test]
    public void Each_action_says_to_a_person_what_it_is() => Assert.That(
        Actions.SelectMany(action => new[] { action.Element("description")?.Value, action.Element("message")?.Value }),
        Is.All.Not.Null.And.All.Not.Empty);
}
