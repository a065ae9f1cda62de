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
    [TestCase("release", "three")]
    [TestCase("transfer", "3")]
    [TestCase("top", "-d", "soon")]
    [TestCase("top", "-d", "0")]
    [TestCase("top", "-d", "NaN")]
    [TestCase("top", "-i", "-3")]
    [TestCase("top", "--seconds")]
    public void A_command_line_that_makes_no_sense_is_answered_in_one_line(params string[] arguments)
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
    public void An_absent_daemon_is_said_with_how_to_start_it(params string[] arguments)
    {
        Server.Dispose();

        Assert.That(XenBalloon(arguments), Is.EqualTo(
            new Command(3, "", "xenballoon: xenballoond does not run (org.xenballoon.Balloon1 has no owner): start it (systemctl start xenballoond)\n")));
    }

    [Test]
    public void No_bus_is_an_absent_daemon_too()
    {
        Command refused = Command.Run(Program, ["list"], new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus" });

        Assert.That((refused.Status, refused.Output), Is.EqualTo((3, "")));
        Assert.That(refused.Error, Does.Match(@"\Axenballoon: no system bus at unix:path=/nonexistent/bus [^\n]+\n\z"));
    }

    [Test]
    public void The_version_is_said() => Assert.That(XenBalloon("--version").Output, Does.Match(@"\Axenballoon \d+\.\d+\.\d+\S*\n\z"));

    [TestCase("--help")]
    [TestCase("list", "--help")]
    [TestCase("mode", "--help")]
    [TestCase("top", "--help")]
    public void Help_is_given_without_a_daemon(params string[] arguments)
    {
        Server.Dispose();

        Command help = XenBalloon(arguments);

        Assert.That((help.Status, help.Error), Is.EqualTo((0, "")));
        Assert.That(help.Output, Does.Contain("Usage:"));
    }

    [Test]
    public void Help_has_examples_and_the_exit_codes() =>
        Assert.That(XenBalloon("--help").Output, Does.Contain("xenballoon explain web").And.Contain("3 xenballoond does not run"));
}
