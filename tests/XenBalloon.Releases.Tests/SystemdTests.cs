using System.Globalization;
using System.Text.RegularExpressions;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.Releases.Tests;

/// <summary>
/// The systemd units, as <c>make install</c> and <c>make install-agent</c> install them, with systemd as PID 1 of dom0
/// and of a guest.
/// </summary>
/// <remarks>The host's clock counts instructions, so these tests run beside others.</remarks>
[TestFixture("bullseye")]
[TestFixture("bookworm")]
[TestFixture("trixie")]
[NonParallelizable]
public sealed class SystemdTests(string release) : OwnHostTests
{
    // Beside dom0, Xen and the worker too little is free for the guest with systemd.
    private const int HostMiB = 1488, Dom0MiB = 768;

    private const int WorkerMiB = 512, SystemdGuestMiB = 256;

    // More than the shrunk worker has.
    private const int DemandMiB = 400;

    // The watchdog's 30 s of dom0's time took 200 s on two cores that had ten times as much other work.
    private static readonly TimeSpan WatchdogLimit = TimeSpan.FromMinutes(20);

    private const string
        Unit = "xenballoond.service",
        Configuration = "/etc/xenballoon/xenballoon.conf",
        StateFile = "/var/lib/xenballoon/state.json",
        ReadOnlyLog = "/etc/xenballoon/x.log";

    private protected override IEnumerable<(string Name, string Value)> Options =>
    [
        ("RIG_RELEASE", release),
        ("RIG_SYSTEMD", "1"),
        ("RIG_ICOUNT", "3"),
        ("RIG_HOST_MB", $"{HostMiB}"),
        ("RIG_DOM0_MB", $"{Dom0MiB}"),
    ];

    [TearDown]
    public async Task StopUnit()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            TestContext.Out.WriteLine((await Host.TryAsync($"systemctl status {Unit}; journalctl | tail -60")).Output);
        await Host.TryAsync($"systemctl stop {Unit}");
    }

    [Test]
    public async Task Programs_do_their_work_under_the_shipped_units()
    {
        await JudgeUnitAsync();
        // The interval is longer than the watchdog's period.
        await Host.WriteFileAsync(
            Configuration, $"[host]\nmode = active\nslack = {SlackMiB}m\ninterval = 60s\nlog-file = {ReadOnlyLog}\n");
        var worker = await Guest.CreateAsync(
            Host, "worker", GuestKind.Pv, WorkerMiB, WorkerMiB, GuestTraits.Agent);
        await worker.BootedAsync();

        await Host.RunAsync($"systemctl start {Unit}");
        await RestrictedAsync(await ShowAsync("MainPID"));
        Step("the daemon runs under its unit");
        await WorkAsync(worker, withSystemdGuest: true);
        await RefusalsAsync();

        var before = await worker.TargetKiBAsync();
        await Host.RunAsync("kill -STOP $(pidof xenballoond)");
        await Poll.UntilAsync(
            "the watchdog has restarted the daemon",
            async () => await ShowAsync("NRestarts") == "1" && await ShowAsync("ActiveState") == "active",
            WatchdogLimit);
        Assert.That(await worker.TargetKiBAsync(), Is.EqualTo(before));
        Assert.That(await Host.RunAsync("xenballoon list --json"), Does.Contain("300"), "the saved weight");
        Step("the watchdog has restarted the daemon");

        // What the filter refuses fails with EPERM, which could pass unnoticed. Now it kills. The first program is
        // restricted in the same way: the command lines of other processes are visible, as MigrationWatch needs.
        await Host.WriteFileAsync(
            $"/run/systemd/system/{Unit}.d/strict.conf",
            "[Service]\nSystemCallErrorNumber=\nRestart=no\nExecStartPre=/bin/busybox grep systemd /proc/1/cmdline\n");
        await Host.RunAsync($"systemctl daemon-reload; systemctl restart {Unit}");
        await WorkAsync(worker, withSystemdGuest: false);
        await Host.RunAsync($"systemctl stop {Unit}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await ShowAsync("Result"), Is.EqualTo("success"));
            Assert.That(await Host.RunAsync("dmesg"), Does.Not.Contain("type=1326"), "seccomp killed a process");
        }
    }

    /// <summary>systemd of this release knows all of the unit, and finds that it gives the daemon little.</summary>
    private async Task JudgeUnitAsync()
    {
        var verified = await Host.TryAsync($"systemd-analyze --man=no verify /usr/lib/systemd/system/{Unit}");
        Assert.That(verified.Output, Is.Empty);
        var analysis = await Host.RunAsync($"systemd-analyze security --no-pager {Unit}");
        var level = Regex.Match(analysis, @"Overall exposure level for \S+: ([\d.]+)").Groups[1].Value;
        TestContext.Out.WriteLine($"{release}: {Unit} has the exposure {level}");
        Assert.That(double.Parse(level, CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(1.5), analysis);
    }

    /// <summary>The restrictions are in force: systemd ignores some that it cannot apply.</summary>
    private async Task RestrictedAsync(string process)
    {
        var status = await Host.RunAsync($"cat /proc/{process}/status");
        using (Assert.EnterMultipleScope())
        {
            foreach (var field in (string[])["CapBnd", "CapEff", "CapPrm"])
                Assert.That(status, Does.Match($@"{field}:\s+0+\n"));
            Assert.That(status, Does.Match(@"NoNewPrivs:\s+1\n").And.Match(@"Seccomp:\s+2\n"));
            Assert.That(await ShowAsync("MemoryMax"), Is.EqualTo($"{256 << 20}"));
            Assert.That(
                await Host.RunAsync($"grep -c : /proc/{process}/net/dev"), Is.EqualTo("1\n"), "only the device lo");
        }
    }

    /// <summary>The daemon shrinks and grows guests, saves its state, reloads and logs to the journal.</summary>
    private async Task WorkAsync(Guest worker, bool withSystemdGuest)
    {
        await Daemon.AgentsReportAsync(Host, worker);
        var weight = withSystemdGuest ? 300 : 301;
        await Host.RunAsync($"xenballoon set {worker.Name} --weight {weight}; grep {weight} {StateFile}");
        Assert.That(
            await Host.RunAsync($"stat -c %a {StateFile} /var/lib/xenballoon /run/xenballoon/lock"),
            Is.EqualTo("600\n700\n600\n"));
        await worker.NeedAsync(0);
        var traits = withSystemdGuest ? GuestTraits.Systemd : GuestTraits.None;
        var second = await Guest.CreateAsync(
            Host,
            "second",
            GuestKind.Pv,
            SystemdGuestMiB,
            SystemdGuestMiB,
            traits,
            paused: !withSystemdGuest,
            xl: "xenballoon run --timeout 300 -- xl");
        var shrunk = await worker.TargetKiBAsync();
        Assert.That(shrunk, Is.LessThan(DemandMiB * 1024));
        Step($"the worker was shrunk to {shrunk / 1024} MiB for {second.Name}");
        if (withSystemdGuest)
            await AgentWorksAsync(second);
        await second.DestroyAsync();
        await worker.NeedAsync(DemandMiB);
        await Poll.UntilAsync("the worker holds what it needs", async () =>
            (await worker.StatsAsync())!.HeldMiB >= DemandMiB && await worker.TargetKiBAsync() > shrunk);

        await Host.RunAsync($"systemctl reload {Unit}");
        foreach (var name in (string[])["TargetChanged", "DomainSettingChanged", "ConfigurationReloaded"])
            await Poll.UntilAsync($"the journal has {name} with its fields", async () =>
                (await Host.RunAsync($"journalctl -q -o cat _PID={await ShowAsync("MainPID")} XENBALLOON_EVENT={name}"))
                    .Length > 0);
    }

    /// <summary>
    /// The agent reports under its unit, and has its pressure trigger, except on Debian 11: before Linux 5.13, that
    /// needs CAP_DAC_OVERRIDE.
    /// </summary>
    private async Task AgentWorksAsync(Guest guest)
    {
        await Daemon.AgentsReportAsync(Host, guest);
        await Poll.UntilAsync($"{guest.Name} shows how its agent runs", async () =>
            (await guest.ConsoleAsync()).Contains("RIG-GUEST: journal", StringComparison.Ordinal));
        // CAP_SYS_RESOURCE is the capability 24. The file is open for its values, and as the trigger.
        var files = release == "bullseye" ? 1 : 2;
        Assert.That(
            await guest.ConsoleAsync(),
            Does.Contain($"RIG-GUEST: agent CapEff: 0000000001000000 NoNewPrivs: 1 Seccomp: 2 pressure files: {files}")
                .And.Not.Contain("RIG-GUEST: verify: ").And.Not.Contain("xenballoon-agent:"));
        Step("the agent reports under its unit");
    }

    private async Task RefusalsAsync()
    {
        var log = await Host.RunAsync($"journalctl -q -o cat -u {Unit} XENBALLOON_EVENT=LogFileFailed");
        Assert.That(log, Does.Contain($"cannot write the log file {ReadOnlyLog}: Read-only file system"));
        var second = await Host.TryAsync("xenballoond");
        Assert.That((second.ExitCode, second.Output), Is.EqualTo((32, second.Output)), second.Output);
        Assert.That(second.Output, Does.Contain("another xenballoond manages this host"));
    }

    private async Task<string> ShowAsync(string property) =>
        (await Host.RunAsync($"systemctl show --property {property} --value {Unit}")).Trim();
}
