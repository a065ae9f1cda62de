using System.Globalization;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>The script for sysvinit, with another device; as root.</summary>
public sealed class InitScriptTests
{
    /// <summary>CAP_SYS_RESOURCE and CAP_IPC_LOCK.</summary>
    private const ulong Allowed = (1UL << 24) | (1UL << 14);

    private DirectoryInfo folder;

    [SetUp]
    public void SetUp()
    {
        folder = Directory.CreateTempSubdirectory("xenballoon-init-");
        Repository.Run("mkfifo", In("device")); // the agent waits for its answer
        string text = File.ReadAllText(Repository.File("init", "guest", "xenballoon-agent.sysv"));
        foreach ((string from, string to) in new[]
        {
            ("DAEMON=/usr/sbin/xenballoon-agent\n", $"DAEMON={AgentProcess.Program}\n"),
            ("DEVICE=/dev/xen/xenbus\n", $"DEVICE={In("device")}\n"),
            ("PIDFILE=/run/$NAME.pid\n", $"PIDFILE={In("pid")}\n"),
            ("LOG=/var/log/$NAME.log\n", $"LOG={In("log")}\n"),
        })
        {
            Assert.That(text, Does.Contain(from));
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        File.WriteAllText(In("script"), text);
    }

    [TearDown]
    public void TearDown()
    {
        Do("stop");
        folder.Delete(recursive: true);
    }

    [Test]
    public void Agent_runs_without_new_privileges_and_with_few_capabilities()
    {
        Do("start");
        string process = File.ReadAllText(In("pid")).Trim();

        // start-stop-daemon does not wait until setpriv has started the agent.
        Eventually.True(
            () => File.ReadLines($"/proc/{process}/status").First() == "Name:\txenballoon-agen",
            "the agent does not run");

        Dictionary<string, string> status = File.ReadLines($"/proc/{process}/status")
            .Select(line => line.Split(":\t")).Where(field => field.Length == 2)
            .ToDictionary(field => field[0], field => field[1]);
        Assert.That(status["NoNewPrivs"], Is.EqualTo("1"));
        Assert.That(status["Umask"], Is.EqualTo("0077"));
        foreach (string set in (string[])["CapBnd", "CapEff", "CapPrm"])
        {
            ulong capabilities = ulong.Parse(status[set], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.That(capabilities & ~Allowed, Is.Zero, set);
        }
    }

    private string In(string name) => Path.Combine(folder.FullName, name);

    private void Do(string action) => Repository.Run("sh", In("script"), action);
}
