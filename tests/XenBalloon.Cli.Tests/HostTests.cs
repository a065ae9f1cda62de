using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary><c>-H</c>, with a fake ssh that runs systemd's bridge here, or fails as the real one does.</summary>
internal sealed class HostTests : CommandTests
{
    private TemporaryFolder folder = null!;

    private string Pid => Path.Combine(folder.Path, "pid");

    private Dictionary<string, string?> WithSsh => new()
    {
        ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}",
        ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nowhere",
    };

    private string Bridge => $"exec systemd-stdio-bridge --bus-path={Bus.Address}";

    [SetUp]
    public void MakeSsh()
    {
        folder = new TemporaryFolder();
        Ssh($"echo \"$@\" > {folder.Path}/asked; {Bridge}");
    }

    [TearDown]
    public void RemoveSsh() => folder.Dispose();

    [Test]
    public void Another_host_is_reached_by_ssh_with_the_same_output()
    {
        Command here = XenBalloon("list"), there = OnHost("list", "-H", "root@xen2");

        Assert.That(there, Is.EqualTo(here));
        string asked = File.ReadAllText(Path.Combine(folder.Path, "asked"));
        Assert.That(asked, Does.Contain("root@xen2").And.Contain("systemd-stdio-bridge"));
    }

    [TestCase("-H root@xen2 list", "list")]
    [TestCase("--host root@xen2 --json list", "list --json")]
    [TestCase("--json --host=root@xen2 explain web", "explain web --json")]
    public void Host_may_come_before_the_command(string typed, string local)
    {
        Assert.That(OnHost(typed.Split(' ')), Is.EqualTo(XenBalloon(local.Split(' '))));
        Assert.That(File.ReadAllText(Path.Combine(folder.Path, "asked")), Does.Contain("root@xen2"));
    }

    [Test]
    public void Another_host_is_changed_by_ssh()
    {
        Assert.That(OnHost("pin", "db", "512m", "--host", "xen2").Error, Is.Empty);
        Assert.That(Control.Requests, Is.EqualTo(new[] { "domain 7 pin=524288" }));
    }

    [TestCase("", "-H", "")]
    [TestCase("-oProxyCommand=x", "--host=-oProxyCommand=x")]
    public void Invalid_host_is_refused(string host, params string[] option)
    {
        string error = $"xenballoon: invalid host '{host}': expected [USER@]HOST: see 'xenballoon list --help'\n";

        Assert.That(OnHost(["list", .. option]), Is.EqualTo(new Command(2, "", error)));
    }

    [Test]
    public void Unreachable_host_is_reported_with_how_to_test_it()
    {
        Ssh("echo 'ssh: Could not resolve hostname xen2' >&2; exit 255");

        Assert.That(OnHost("list", "-H", "xen2"), Is.EqualTo(new Command(3, "", """
            ssh: Could not resolve hostname xen2
            xenballoon: ssh cannot connect to xen2: try 'ssh xen2 true'

            """)));
    }

    [Test]
    public void Host_without_the_bridge_is_reported_with_what_to_install()
    {
        Ssh("echo 'sh: systemd-stdio-bridge: not found' >&2; exit 127");

        Command failed = OnHost("status", "-H", "xen2");

        Assert.That((failed.Status, failed.Output), Is.EqualTo((3, "")));
        Assert.That(
            failed.Error,
            Does.Match(@"\nxenballoon: xen2 has no systemd-stdio-bridge: install systemd there [^\n]+\n\z"));
    }

    [Test]
    public void Host_without_a_system_bus_is_reported()
    {
        Ssh("exec systemd-stdio-bridge --bus-path=unix:path=/nowhere 2> /dev/null");

        Command failed = OnHost("status", "-H", "xen2");

        Assert.That((failed.Status, failed.Output), Is.EqualTo((3, "")));
        const string Error = "cannot reach the system bus of xen2, or lost the connection to it: ";
        Assert.That(failed.Error, Does.Match($@"\Axenballoon: {Error}[^\n]+\n\z"));
    }

    [Test]
    public void Missing_ssh_is_reported()
    {
        var environment = new Dictionary<string, string?>(WithSsh) { ["PATH"] = "/nowhere" };

        Command failed = Command.Run(Program, ["list", "-H", "xen2"], environment);

        Assert.That((failed.Status, failed.Output), Is.EqualTo((3, "")));
        Assert.That(failed.Error, Does.Match(@"\Axenballoon: cannot start ssh [^\n]+\n\z"));
    }

    [TestCase("top", "-b", "-d", "60")]
    [TestCase("reserve", "64m")]
    public void Lost_ssh_ends_the_command_with_a_clear_error(params string[] arguments)
    {
        Server.Publish(Canned.Host with { Reservations = [Canned.Reservation(1)] });
        Ssh($"sh -c 'echo $$ > {Pid}; {Bridge}'; echo 'Connection to xen2 closed by remote host.' >&2; exit 255");
        using var running = new RunningCommand(Program, WithSsh, [.. arguments, "-H", "xen2"]);
        running.WaitFor(arguments[0] == "top" ? "Domain-0" : "reservation 1: gathering");

        Command.Run("kill", ["-KILL", File.ReadAllText(Pid).Trim()]);

        Assert.That(running.Status(), Is.EqualTo(3), running.Output);
        Assert.That(running.Output, Does.Match(@"(?m)^xenballoon: ssh cannot connect to xen2: [^\n]+$"));
    }

    private Command OnHost(params string[] arguments) => Command.Run(Program, arguments, WithSsh);

    private void Ssh(string script)
    {
        string program = Path.Combine(folder.Path, "ssh");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
    }
}
