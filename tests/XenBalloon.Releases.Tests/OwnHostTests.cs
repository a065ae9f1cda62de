using System.Diagnostics;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.Releases.Tests;

/// <summary>Tests on a host that no other test uses, because of its release, its size or its device model.</summary>
public abstract class OwnHostTests
{
    private protected const int SlackMiB = 32;

    private readonly Stopwatch running = new();
    private XenHost? host;

    private protected XenHost Host => host!;

    private protected Daemon? Daemon { get; private set; }

    /// <summary>Variables for tests/rig.</summary>
    private protected abstract IEnumerable<(string Name, string Value)> Options { get; }

    [OneTimeSetUp]
    public async Task Boot() => host = await XenHost.BootAsync(Options);

    [OneTimeTearDown]
    public async Task PowerOff()
    {
        if (host is not null)
            await host.DisposeAsync();
    }

    [SetUp]
    public void StartClock() => running.Restart();

    [TearDown]
    public async Task StopDaemon()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            TestContext.Out.WriteLine(
                $"{await Daemon.LogAsync(Host)}\n{await Host.StateAsync()}"
                + $"{(await Host.TryAsync("tail -n 30 /var/log/xen/*.log; dmesg | tail -n 20")).Output}\n"
                + Host.Console());
        if (Daemon is not null)
            await Daemon.StopAsync();
        await Host.CleanUpAsync();
    }

    private protected async Task StartDaemonAsync(string settings = "", int slackMiB = SlackMiB) =>
        Daemon = await Daemon.StartAsync(Host, slackMiB: slackMiB, settings: settings);

    /// <summary>Logs the progress of the test, with the time.</summary>
    private protected void Step(string what) =>
        TestContext.Progress.WriteLine(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{running.Elapsed.TotalSeconds,6:0.0} s  {what}"));
}
