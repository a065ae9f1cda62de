using System.Text.RegularExpressions;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

internal sealed partial class ChangingTests : BusctlTests
{
    [TestCase("observe", "mode Observe")]
    [TestCase("active", "mode Active")]
    [TestCase("paused", "mode Paused")]
    public void Root_sets_the_mode(string mode, string asked)
    {
        Assert.That(Call("SetMode", "s", mode), Is.EqualTo(new Command(0, "", "")));
        Assert.That(Control.Asked, Is.EqualTo(new[] { asked }));
    }

    [TestCase("Reload", "reload")]
    [TestCase("Balance", "balance")]
    public void Root_calls(string method, string asked)
    {
        Assert.That(Call(method), Is.EqualTo(new Command(0, "", "")));
        Assert.That(Control.Asked, Is.EqualTo(new[] { asked }));
    }

    [TestCase("SetMode", "s", "observe")]
    [TestCase("Reload")]
    [TestCase("Balance")]
    public void Anyone_else_is_told_to_use_sudo(params string[] call)
    {
        using var monitor = new BusMonitor(Bus, "type='error'");

        Command refused = BusctlAsNobody(["call", Service, Root, ManagerInterface, .. call]);

        Assert.That(refused.Status, Is.Not.Zero);
        string refusal = $"{call[0]} requires root, and was called by uid 65534: use sudo";
        Eventually.Holds(
            () => monitor.Messages.Any(message => message.ToString().Contains(refusal, StringComparison.Ordinal)),
            () => string.Join('\n', monitor.Messages));
        Assert.That(Control.Asked, Is.Empty);
    }

    [Test]
    public void Refusals_and_mistakes_have_names()
    {
        using var monitor = new BusMonitor(Bus, $"type='error',sender='{Service}'");

        BusctlAsNobody("call", Service, Root, ManagerInterface, "Reload");
        Call("SetMode", "s", "asleep");
        Call("GetDomain", "s", "nobody-home");
        Call("GetDomain", "s", "");

        Eventually.Holds(() => monitor.Messages.Count == 4, () => string.Join('\n', monitor.Messages));
        Assert.That(monitor.Messages.Select(message => ErrorName().Match(message.ToString()).Value), Is.EqualTo(new[]
        {
            "org.freedesktop.DBus.Error.AccessDenied",
            "org.xenballoon.Balloon1.Error.InvalidArgument",
            "org.xenballoon.Balloon1.Error.NoSuchDomain",
            "org.xenballoon.Balloon1.Error.InvalidArgument",
        }));
    }

    [TestCase("asleep", "invalid mode 'asleep': expected observe, active or paused")]
    [TestCase("Active", "invalid mode 'Active'")]
    [TestCase("", "invalid mode ''")]
    public void A_wrong_mode_is_answered_with_the_right_ones(string mode, string message)
    {
        Assert.That(Call("SetMode", "s", mode).Error, Does.Contain(message));
        Assert.That(Control.Asked, Is.Empty);
    }

    [TestCase("nobody-home")]
    [TestCase("5")]
    [TestCase("99999999999")]
    [TestCase("00000009-1234-5678-0102-030405060708")]
    public void A_domain_that_is_not_there_is_answered_with_how_to_see_them(string wanted) =>
        Assert.That(Call("GetDomain", "s", wanted).Error, Does.Contain($"no domain '{wanted}': see 'xenballoon list'"));

    [Test]
    public void A_uuid_that_two_domains_have_is_answered_with_their_domids()
    {
        Core.Hosts.DomainSnapshot domain =
            Canned.Db.Domain with { Identity = new(9, Canned.Uuid(7)), Name = "db--incoming" };
        Core.DomainDecision incoming = Canned.Db with { Domain = domain };
        Server.Publish(Canned.Publish(Canned.Db, incoming));

        Assert.That(
            Call("GetDomain", "s", Canned.Uuid(7).ToString()).Error,
            Does.Contain("names 2 domains, 7 and 9: give a domid"));
    }

    [Test]
    public void What_the_daemon_refuses_is_answered_with_its_reason()
    {
        Control.Answer = () => Task.FromException(
            new InvalidOperationException("xenballoon.conf: [host] slack: '64' has no unit"));

        Assert.That(Call("Reload").Error, Does.Contain("xenballoon.conf: [host] slack: '64' has no unit"));
    }

    [Test]
    public void A_daemon_that_throws_at_once_is_answered_too()
    {
        Control.Answer = () => throw new InvalidOperationException("not now");

        Assert.That(Call("Balance").Error, Does.Contain("not now"));
    }

    [Test]
    public async Task The_bus_goes_on_while_a_call_waits_for_the_daemon()
    {
        var working = new TaskCompletionSource();
        Control.Answer = () => working.Task;
        Task<Command> waiting = Task.Run(() => Call("Balance"));
        Eventually.Holds(() => Control.Asked.Count == 1, () => "the daemon was not asked");

        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
        Assert.That(waiting.IsCompleted, Is.False);
        working.SetResult();
        Assert.That((await waiting).Status, Is.Zero);
    }

    [Test]
    public void A_caller_who_does_not_wait_does_no_harm()
    {
        Busctl("--expect-reply=false", "call", Service, Root, ManagerInterface, "Balance");
        Busctl("--expect-reply=false", "call", Service, Root, ManagerInterface, "SetMode", "s", "asleep");

        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void A_server_leaves_while_a_call_waits()
    {
        Control.Answer = () => new TaskCompletionSource().Task;
        Task<Command> waiting = Task.Run(() => Call("Balance"));
        Eventually.Holds(() => Control.Asked.Count == 1, () => "the daemon was not asked");

        Server.Dispose();

        Assert.That(
            waiting.Wait(TimeSpan.FromSeconds(20)), Is.True, "the bus tells the caller that the service has left");
        Assert.That(waiting.Result.Status, Is.Not.Zero);
    }

    [TestCase("SetMode")]
    [TestCase("SetMode", "u", "1")]
    [TestCase("Reload", "s", "x")]
    [TestCase("Explode")]
    public void A_call_of_the_wrong_shape_does_no_harm(params string[] call)
    {
        Assert.That(Busctl(["call", Service, Root, ManagerInterface, .. call]).Status, Is.Not.Zero);
        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
        Assert.That(Control.Asked, Is.Empty);
    }

    /// <summary>Newer busctls have another key for it.</summary>
    [GeneratedRegex(@"org\.[A-Za-z0-9.]+\.Error\.[A-Za-z]+")]
    private static partial Regex ErrorName();
}
