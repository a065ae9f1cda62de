using System.Net.Sockets;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class UsageTests : CommandTests
{
    [TestCase("")]
    [TestCase("frobnicate")]
    [TestCase("list", "extra")]
    [TestCase("list", "--nonsense")]
    [TestCase("explain")]
    [TestCase("explain", "a", "b")]
    [TestCase("mode", "asleep")]
    [TestCase("policy", "none")]
    [TestCase("policy", "Shares")]
    [TestCase("set", "web")]
    [TestCase("set", "web", "--min", "0m")]
    [TestCase("set", "web", "--weight", "0")]
    [TestCase("set", "web", "--weight", "10001")]
    [TestCase("pin", "web")]
    [TestCase("pin", "web", "-5m")]
    [TestCase("manage")]
    [TestCase("reserve")]
    [TestCase("reserve", "512")]
    [TestCase("reserve", "1g", "--deadline", "soon")]
    [TestCase("reserve", "1g", "--expire", "1")]
    [TestCase("reserve", "1g", "--expire", "s")]
    [TestCase("reserve", "1g", "--expire", "0s")]
    [TestCase("reserve", "1g", "--expire", "4000d")]
    [TestCase("restore", "--timeout", "0")]
    [TestCase("restore", "--timeout", "3601")]
    [TestCase("set", "web", "--max", "0m")]
    [TestCase("pin", "web", "0m")]
    [TestCase("release", "three")]
    [TestCase("transfer", "3")]
    [TestCase("top", "-d", "soon")]
    [TestCase("top", "-d", "0")]
    [TestCase("top", "-d", "NaN")]
    [TestCase("top", "-i", "-3")]
    [TestCase("top", "--seconds")]
    public void Invalid_command_line_gives_an_error_in_one_line(params string[] arguments)
    {
        Command refused = XenBalloon(arguments is [""] ? [] : arguments);

        Assert.That((refused.Status, refused.Output), Is.EqualTo((2, "")));
        Assert.That(refused.Error, Does.Match(@"\Axenballoon: [^\n]+: see 'xenballoon[ a-z]* --help'\n\z"));
    }

    [TestCase("list")]
    [TestCase("status")]
    [TestCase("explain", "web")]
    [TestCase("mode", "active")]
    [TestCase("set", "web", "--weight", "5")]
    [TestCase("pin", "web", "1g")]
    [TestCase("reload")]
    [TestCase("top")]
    public void Absent_daemon_is_reported_with_how_to_start_it(params string[] arguments)
    {
        Server.Dispose();

        Assert.That(XenBalloon(arguments), Is.EqualTo(
            new Command(3, "", "xenballoon: xenballoond does not run (org.xenballoon.Balloon1 has no owner): "
                + "start it (systemctl start xenballoond)\n")));
    }

    [Test]
    public void Absent_bus_is_reported_like_an_absent_daemon()
    {
        const string Address = "unix:path=/nonexistent/bus";
        var environment = new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = Address };

        Command refused = Command.Run(Program, ["list"], environment);

        Assert.That((refused.Status, refused.Output), Is.EqualTo((3, "")));
        Assert.That(refused.Error, Does.Match(@"\Axenballoon: no system bus at unix:path=/nonexistent/bus [^\n]+\n\z"));
    }

    [Test]
    public void Version_is_shown() =>
        Assert.That(XenBalloon("--version").Output, Does.Match(@"\Axenballoon \d+\.\d+\.\d+\S*\n\z"));

    [TestCase("--help")]
    [TestCase("list", "--help")]
    [TestCase("mode", "--help")]
    [TestCase("top", "--help")]
    public void Help_works_without_a_daemon(params string[] arguments)
    {
        Server.Dispose();

        Command help = XenBalloon(arguments);

        Assert.That((help.Status, help.Error), Is.EqualTo((0, "")));
        Assert.That(help.Output, Does.Contain("Usage:"));
    }

    [Test]
    public void Help_has_examples_and_exit_codes() =>
        Assert.That(
            XenBalloon("--help").Output,
            Does.Contain("xenballoon explain web").And.Contain("3 xenballoond does not run"));

    [TestCase("explain")]
    [TestCase("pin")]
    [TestCase("set")]
    [TestCase("transfer")]
    public void Help_has_a_placeholder_for_the_domain_and_does_not_ask_the_daemon(string command)
    {
        string path = Path.Combine(Bus.Directory, "silent");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var environment = new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = $"unix:path={path}" };

        Command help = Command.Run(Program, [command, "--help"], environment);

        Assert.That(help.Output, Does.Contain("<DOMAIN>"));
        Assert.That(listener.Poll(0, SelectMode.SelectRead), Is.False, "a connection to the bus");
        Assert.That(XenBalloon(command, "--help"), Is.EqualTo(help), "with a daemon that has domains");
    }

    [TestCase("li", "list")]
    [TestCase("exp web", "explain web")]
    [TestCase("stat", "status")]
    [TestCase("reserva", "reservations")]
    [TestCase("--json li", "list --json")]
    [TestCase("--json explain web", "explain web --json")]
    [TestCase("pol", "policy")]
    public void Command_may_be_abbreviated_and_follow_its_options(string typed, string full)
    {
        Command expected = XenBalloon(full.Split(' '));

        Assert.That(expected.Status, Is.Zero);
        Assert.That(XenBalloon(typed.Split(' ')), Is.EqualTo(expected));
    }

    [TestCase("un", "ambiguous command 'un': expected unpin or unmanage")]
    [TestCase("p", "ambiguous command 'p': expected pin or policy")]
    [TestCase("res", "ambiguous command 'res': expected restore, reserve or reservations")]
    [TestCase("xyz", "unknown command 'xyz'")]
    [TestCase("List", "unknown command 'List'")]
    public void Command_that_is_ambiguous_or_unknown_is_refused(string typed, string error)
    {
        var refused = new Command(2, "", $"xenballoon: {error}: see 'xenballoon --help'\n");

        Assert.That(XenBalloon(typed), Is.EqualTo(refused));
        Assert.That(XenBalloon("-H", "xen2", typed), Is.EqualTo(refused));
    }

    [TestCase("simulate")]
    [TestCase("simulate", "demo", "--seeds", "3")]
    [TestCase("simulate", "--help")]
    public void Former_command_simulate_names_its_program(params string[] arguments) =>
        Assert.That(XenBalloon(arguments), Is.EqualTo(
            new Command(2, "", "xenballoon: unknown command 'simulate': use xenballoon-simulate\n")));
}

internal sealed class SignalTests : CommandTests
{
    [Test]
    public void Ctrl_C_before_the_daemon_answers_interrupts_the_command()
    {
        using var answer = new ManualResetEventSlim();
        Control.Respond = () => Task.Run(() => answer.Wait());
        using RunningCommand reserve = new(Program, BusEnvironment, "reserve", "64m");
        Eventually.Holds(() => Control.Requests.Count == 1, () => reserve.Output);

        // More than one: the first may arrive just before the wait begins.
        for (int i = 0; i < 10; i++)
        {
            reserve.Interrupt();
            Eventually.Holds(() => !reserve.IsInterruptPending(), () => "the signal is not handled");
        }

        answer.Set();

        Assert.That(reserve.Status(), Is.EqualTo(130), reserve.Output);
        Assert.That(reserve.Output, Does.Not.Contain("no system bus"));
    }
}
