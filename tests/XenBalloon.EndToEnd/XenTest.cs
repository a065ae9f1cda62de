using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>
/// The base of the tests on real Xen: removes guests and the daemon after a test, and prints diagnostics if it fails.
/// </summary>
[NonParallelizable]
public abstract class XenTest
{
    /// <summary>
    /// The category of tests without a PVH guest that runs. tests/run runs them on a host whose clock counts
    /// instructions (RIG_ICOUNT, see tests/rig/README.md), beside other tests: the load of the machine does not change
    /// what happens.
    /// </summary>
    internal const string CountedClock = nameof(CountedClock);

    /// <summary>
    /// The category of tests with a PVH guest whose result depends on its speed. tests/run runs nothing beside them.
    /// </summary>
    internal const string Alone = nameof(Alone);

    private readonly List<Guest> guests = [];
    private Daemon? daemon;
    private readonly System.Diagnostics.Stopwatch running = new();
    private int consoleBefore;

    internal static XenHost Host => RealXen.Host;

    [SetUp]
    public void RememberConsole()
    {
        consoleBefore = Host.ConsoleLines().Count;
        running.Restart();
    }

    [TearDown]
    public async Task CleanUp()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            await PrintDiagnosticsAsync();
        if (daemon is not null)
            await daemon.StopAsync();
        foreach (var guest in guests)
            await guest.DestroyAsync();
        daemon = null;
        guests.Clear();
        await Host.CleanUpAsync();
    }

    /// <summary>
    /// Creates a guest, with xl or a given substitute. Several can boot at once: <see cref="Guest.BootedAsync"/> waits.
    /// </summary>
    internal async Task<Guest> CreateAsync(
        string role,
        GuestKind kind,
        int memoryMiB,
        int maxMiB,
        GuestTraits traits = GuestTraits.None,
        bool paused = false,
        string xl = "xl")
    {
        var guest = await Guest.CreateAsync(Host, role, kind, memoryMiB, maxMiB, traits, paused, xl);
        guests.Add(guest);
        return guest;
    }

    internal async Task<Daemon> StartDaemonAsync(string mode = "active", string settings = "")
    {
        daemon = await Daemon.StartAsync(Host, mode, SlackMiB, settings);
        Step("the daemon is on the bus");
        return daemon;
    }

    internal const int SlackMiB = 32;

    /// <summary>Logs the progress of the test, with the time.</summary>
    internal void Step(string what) =>
        TestContext.Out.WriteLine(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{running.Elapsed.TotalSeconds,6:0.0} s  {what}"));

    /// <summary>Fills the host to a little above slack with a paused guest without a balloon.</summary>
    /// <param name="besideMiB">The memory that stays free in addition to the slack.</param>
    internal static async Task FillHostAsync(int besideMiB = 8)
    {
        // The ballast's page tables and grant frames take some more.
        var ballast = (int)await Host.FreeMiBAsync() - SlackMiB - besideMiB;
        var name = Host.NextGuestName("ballast");
        await Host.RunAsync($"guest-create --paused {name} pv {ballast} {ballast}");
    }

    private async Task PrintDiagnosticsAsync()
    {
        TestContext.Out.WriteLine(await Daemon.LogAsync(Host) + "\n" + await Host.StateAsync());
        foreach (var guest in guests)
            TestContext.Out.WriteLine(await guest.ConsoleAsync());
        var console = Host.ConsoleLines().Skip(consoleBefore);
        TestContext.Out.WriteLine("--- the test host's console during this test ---\n" + string.Join('\n', console));
    }
}

/// <summary>
/// Boots the test host once for all tests. Each test creates its own guests; domids are not reused in one boot.
/// </summary>
[SetUpFixture]
public sealed class RealXen
{
    private static XenHost? host;

    internal static XenHost Host => host ?? throw new RigException("the test host is not up");

    [OneTimeSetUp]
    public async Task Boot() => host = await XenHost.BootAsync();

    [OneTimeTearDown]
    public async Task PowerOff()
    {
        if (host is not null)
            await host.DisposeAsync();
    }
}
