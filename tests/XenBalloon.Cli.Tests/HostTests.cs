using XenBalloon.Bus.Tests.OnPrivateBus;

namespace XenBalloon.Cli.Tests;

/// <summary><c>-H</c>, with libsystemd's own bridge at the other end of an ssh that goes nowhere.</summary>
internal sealed class HostTests : CommandTests
{
    private TemporaryFolder folder = null!;

    private Dictionary<string, string?> WithSsh => new()
    {
        ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}",
        ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nowhere",
    };

    [SetUp]
    public void MakeSsh()
    {
        folder = new TemporaryFolder();
        Ssh($"echo \"$@\" > {folder.Path}/asked; exec systemd-stdio-bridge --bus-path={Bus.Address}");
    }

    [TearDown]
    public void RemoveSsh() => folder.Dispose();

    [Test]
    public void Another_host_is_asked_by_ssh_for_the_same_as_this_one()
    {
        Command here = XenBalloon("list"), there = Command.Run(Program, ["list", "-H", "root@xen2"], WithSsh);

        Assert.That(there, Is.EqualTo(here));
        Assert.That(File.ReadAllText(Path.Combine(folder.Path, "asked")), Does.Contain("xen2").And.Contain("root").And.Contain("systemd-stdio-bridge"));
    }

    [Test]
    public void Another_host_is_steered_too()
    {
        Assert.That(Command.Run(Program, ["pin", "db", "512m", "--host", "xen2"], WithSsh).Error, Is.Empty);
        Assert.That(Control.Asked, Is.EqualTo(new[] { "domain 7 Pin 524288" }));
    }

    [Test]
    public void A_host_that_cannot_be_reached_is_named()
    {
        Ssh("echo 'ssh: Could not resolve hostname xen2' >&2; exit 255");

        Command failed = Command.Run(Program, ["list", "-H", "xen2"], WithSsh);

        Assert.That(failed.Status, Is.EqualTo(3));
        Assert.That(failed.Error, Does.Contain("xenballoon: ").And.Contain("xen2"));
    }

    private void Ssh(string script)
    {
        string program = Path.Combine(folder.Path, "ssh");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
    }
}
