using System.Text.RegularExpressions;
using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Makes changes with busctl, including invalid ones.</summary>
internal sealed partial class ChangingTests : BusctlTests
{
    [TestCase("observe", "mode Observe")]
    [TestCase("active", "mode Active")]
    [TestCase("paused", "mode Paused")]
    public void Root_sets_the_mode(string mode, string request)
    {
        Assert.That(Call("SetMode", "s", mode), Is.EqualTo(new Command(0, "", "")));
        Assert.That(Control.Requests, Is.EqualTo(new[] { request }));
    }

    [TestCase("Reload", "reload")]
    [TestCase("Balance", "balance")]
    public void Root_calls(string method, string request)
    {
        Assert.That(Call(method), Is.EqualTo(new Command(0, "", "")));
        Assert.That(Control.Requests, Is.EqualTo(new[] { request }));
    }

    [Test]
    public void Change_is_made_in_the_name_of_the_user_and_the_program()
    {
        Call("Reload");

        Assert.That(Control.Requester, Does.Match(@"^root \(busctl, process [0-9]+(, logged in as [^)]+)?\)$"));
    }

    [TestCase(0u, null, "root")]
    [TestCase(54321u, null, "uid 54321")]
    [TestCase(0u, uint.MaxValue, "root (process 4294967295)")]
    [TestCase(54321u, 1u, "uid 54321 (process 1)")]
    public void Unknown_users_and_programs_are_named_by_number(uint uid, uint? process, string name) =>
        Assert.That(Requester.Describe(uid, process), Is.EqualTo(name));

    [TestCase("xl", null, "root (xl, process 7)")]
    [TestCase("xl", "0", "root (xl, process 7)")]
    [TestCase("xl", "4294967295", "root (xl, process 7)")]
    [TestCase("xl", "54321", "root (xl, process 7, logged in as uid 54321)")]
    [TestCase("a) by root (xl", "x", "root (a??by?root??xl, process 7)")]
    [TestCase("a\nb\u202ec\ufffd", null, "root (a?b?c?, process 7)")]
    public void Program_cannot_forge_the_line(string program, string? login, string name) =>
        Assert.That(Requester.Describe(0, 7, program, login), Is.EqualTo(name));

    [TestCase("SetMode", "s", "observe")]
    [TestCase("Reload")]
    [TestCase("Balance")]
    public void Error_for_other_users_suggests_sudo(params string[] call)
    {
        using var monitor = new BusMonitor(Bus, "type='error'");

        Command denied = BusctlUnprivileged(["call", Service, Root, ManagerInterface, .. call]);

        Assert.That(denied.Status, Is.Not.Zero);
        string error = $"{call[0]} requires root, but the caller is uid 65534: use sudo";
        Eventually.Holds(
            () => monitor.Messages.Any(message => message.ToString().Contains(error, StringComparison.Ordinal)),
            () => string.Join('\n', monitor.Messages));
        Assert.That(Control.Requests, Is.Empty);
    }

    [Test]
    public void Errors_have_documented_names()
    {
        using var monitor = new BusMonitor(Bus, $"type='error',sender='{Service}'");

        BusctlUnprivileged("call", Service, Root, ManagerInterface, "Reload");
        Call("SetMode", "s", "idle");
        Call("GetDomain", "s", "missing");
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

    [TestCase("idle", "invalid mode 'idle': expected observe, active or paused")]
    [TestCase("Active", "invalid mode 'Active'")]
    [TestCase("", "invalid mode ''")]
    public void Invalid_mode_is_an_error_with_the_valid_ones(string mode, string message)
    {
        Assert.That(Call("SetMode", "s", mode).Error, Does.Contain(message));
        Assert.That(Control.Requests, Is.Empty);
    }

    [TestCase("missing")]
    [TestCase("5")]
    [TestCase("99999999999")]
    [TestCase("00000009-1234-5678-0102-030405060708")]
    public void Missing_domain_is_an_error_with_the_command_that_lists_domains(string wanted) =>
        Assert.That(Call("GetDomain", "s", wanted).Error, Does.Contain($"no domain '{wanted}': see 'xenballoon list'"));

    [Test]
    public void Ambiguous_UUID_is_an_error_with_the_domids()
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
    public void Message_of_the_daemon_reaches_the_caller()
    {
        Control.Respond = () => Task.FromException(
            new InvalidOperationException("xenballoon.conf:2: invalid slack"));

        Assert.That(Call("Reload").Error, Does.Contain("xenballoon.conf:2: invalid slack"));
    }

    [Test]
    public void Synchronous_exception_of_the_daemon_reaches_the_caller()
    {
        Control.Respond = () => throw new InvalidOperationException("not now");

        Assert.That(Call("Balance").Error, Does.Contain("not now"));
    }

    [Test]
    public async Task Pending_call_does_not_delay_others()
    {
        var working = new TaskCompletionSource();
        Control.Respond = () => working.Task;
        Task<Command> waiting = Task.Run(() => Call("Balance"));
        Eventually.Holds(() => Control.Requests.Count == 1, () => "no request");

        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
        Assert.That(waiting.IsCompleted, Is.False);
        working.SetResult();
        Assert.That((await waiting).Status, Is.Zero);
    }

    [Test]
    public void Calls_without_a_reply_do_not_disturb_the_server()
    {
        Busctl("--expect-reply=false", "call", Service, Root, ManagerInterface, "Balance");
        Busctl("--expect-reply=false", "call", Service, Root, ManagerInterface, "SetMode", "s", "idle");

        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));

        // The call is denied if its caller leaves the bus before the server reads its uid.
        Assert.That(Control.Requests, Is.SubsetOf(new[] { "balance" }));
    }

    [Test]
    public void Server_stops_while_a_call_is_pending()
    {
        Control.Respond = () => new TaskCompletionSource().Task;
        Task<Command> waiting = Task.Run(() => Call("Balance"));
        Eventually.Holds(() => Control.Requests.Count == 1, () => "no request");

        Server.Dispose();

        Assert.That(
            waiting.Wait(TimeSpan.FromSeconds(20)), Is.True, "the bus reports that the service has left");
        Assert.That(waiting.Result.Status, Is.Not.Zero);
    }

    [TestCase("SetMode")]
    [TestCase("SetMode", "u", "1")]
    [TestCase("Reload", "s", "x")]
    [TestCase("Unknown")]
    public void Malformed_call_is_an_error(params string[] call)
    {
        Assert.That(Busctl(["call", Service, Root, ManagerInterface, .. call]).Status, Is.Not.Zero);
        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
        Assert.That(Control.Requests, Is.Empty);
    }

    /// <summary>The key of the error name differs between versions of busctl.</summary>
    [GeneratedRegex(@"org\.[A-Za-z0-9.]+\.Error\.[A-Za-z]+")]
    private static partial Regex ErrorName();
}
