using XenBalloon.Testing;
using XenBalloon.Xen.Tests.Rig;
using Repository = XenBalloon.Xen.Tests.Rig.Repository;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>The script for sysvinit, with another device; as root.</summary>
public sealed class InitScriptTests
{
    /// <summary>CAP_SYS_RESOURCE and CAP_IPC_LOCK.</summary>
    private const ulong Allowed = 1UL << 24 | 1UL << 14;

    private TemporaryFolder folder;

    private string Script => Path.Combine(folder.Path, "script");

    [SetUp]
    public void SetUp()
    {
        folder = new TemporaryFolder();
        // The agent waits for the answer of this device.
        string device = Path.Combine(folder.Path, "device");
        Assert.That(Command.Run("mkfifo", [device]).Status, Is.Zero);
        string text = File.ReadAllText(Repository.File("init", "guest", "xenballoon-agent.sysv"));
        foreach ((string from, string to) in new[]
        {
            ("DAEMON=/usr/sbin/xenballoon-agent\n", $"DAEMON={AgentProcess.Program}\n"),
            ("DEVICE=/dev/xen/xenbus\n", $"DEVICE={device}\n"),
            ("PIDFILE=/run/$NAME.pid\n", $"PIDFILE={folder.Path}/pid\n"),
            ("LOG=/var/log/$NAME.log\n", $"LOG={folder.Path}/log\n"),
        })
        {
            Assert.That(text, Does.Contain(from));
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        File.WriteAllText(Script, text);
    }

    [TearDown]
    public void TearDown()
    {
        Run("stop");
        folder.Dispose();
    }

    [Test]
    public void Agent_runs_without_new_privileges_and_with_few_capabilities()
    {
        Command start = Run("start");
        Assert.That(start.Status, Is.Zero, start.Output + start.Error);

        string process = File.ReadAllText(Path.Combine(folder.Path, "pid")).Trim();
        // start-stop-daemon does not wait until setpriv has started the agent.
        Eventually.Holds(
            () => Run("status").Status == 0, () => $"it does not run: {File.ReadAllText($"/proc/{process}/status")}");
        Dictionary<string, string> status = File.ReadLines($"/proc/{process}/status")
            .Select(line => line.Split(":\t")).Where(field => field.Length == 2)
            .ToDictionary(field => field[0], field => field[1]);
        Assert.That(status["NoNewPrivs"], Is.EqualTo("1"));
        Assert.That(status["Umask"], Is.EqualTo("0077"));
        foreach (string set in (string[])["CapBnd", "CapEff", "CapPrm"])
        {
            Assert.That(Convert.ToUInt64(status[set], 16) & ~Allowed, Is.Zero, set);
        }
    }

    private Command Run(string action) => Command.Run("sh", [Script, action]);
}
