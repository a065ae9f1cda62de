using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using XenBalloon.Bus;
using XenBalloon.Bus.Server;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Benchmarks;

/// <summary>
/// What the control bus costs the daemon on a host with a thousand domains: CPU of the server's process for each reply
/// to GetManagedObjects, which busctl calls, and for each balancing pass in which every domain changes; and memory
/// while the bus hangs.
/// </summary>
internal static class BusBenchmark
{
    private const int Domains = 1000, Rounds = 60, StalledPasses = 40;
    private const string Service = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1";
    private const string Policy =
        "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
        + "<allow send_destination=\"*\"/><allow receive_sender=\"*\"/></policy>";

    /// <summary>Measures and prints.</summary>
    internal static void Run()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("xenballoon-bench-");
        string address = $"unix:path={directory.FullName}/bus";
        string configuration = Path.Combine(directory.FullName, "bus.conf");
        File.WriteAllText(
            configuration,
            $"<busconfig><listen>{address}</listen><auth>EXTERNAL</auth>{Policy}</busconfig>");
        string[] arguments = ["--nofork", "--nopidfile", "--print-address", $"--config-file={configuration}"];
        using Process bus = Process.Start(new ProcessStartInfo("dbus-daemon", arguments)
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            bus.StandardOutput.ReadLine();
            Measure(address, bus);
        }
        finally
        {
            bus.Kill();
            bus.WaitForExit();
            directory.Delete(recursive: true);
        }
    }

    private static void Measure(string address, Process bus)
    {
        Publication[] states = [.. Enumerable.Range(1, 8).Select(Publish)];
        using BusServer server = BusServer.Start(new BusOptions { Address = address }, new Idle(), states[0]);

        // The time to start a program for each call is subtracted.
        TimeSpan starting = Cpu(() => Ping(address));
        Print($"GetManagedObjects of {Domains} domains", Cpu(() => Ask(address)) - starting);

        int next = 0;
        TimeSpan passes = Cpu(() =>
        {
            server.Publish(states[next++ % states.Length]);
            Ping(address);
        });
        Print($"a pass in which all {Domains} domains change", passes - starting);

        Run("kill", ["-STOP", $"{bus.Id}"]);
        GC.Collect();
        long before = Environment.WorkingSet;
        for (int i = 0; i < StalledPasses; i++)
        {
            server.Publish(states[i % states.Length]);
            Thread.Sleep(50);
        }

        long grown = (Environment.WorkingSet - before) >> 20;
        Console.WriteLine(
            $"memory after {StalledPasses} such passes with a stopped bus: "
            + $"{grown} MiB more than the {before >> 20} MiB before");
        Run("kill", ["-CONT", $"{bus.Id}"]);
        Ask(address);
    }

    private static void Ping(string address) =>
        Run("busctl", [$"--address={address}", "call", Service, Root, "org.freedesktop.DBus.Peer", "Ping"]);

    private static void Ask(string address)
    {
        const string ObjectManager = "org.freedesktop.DBus.ObjectManager";
        Run("busctl", [$"--address={address}", "--quiet", "call", Service, Root, ObjectManager, "GetManagedObjects"]);
    }

    private static void Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} failed");
    }

    /// <summary>The CPU time of one call, after warming up.</summary>
    private static TimeSpan Cpu(Action work)
    {
        for (int i = 0; i < Rounds / 2; i++) work();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Rounds; i++) work();
        return (Environment.CpuUsage.TotalTime - before) / Rounds;
    }

    private static void Print(string what, TimeSpan cpu) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what}: {cpu.TotalMilliseconds:0.0} ms of the server's CPU"));

    /// <summary>The report and the reason of every domain differ from step to step.</summary>
    private static Publication Publish(int step)
    {
        var balancer = new Balancer();
        Plan plan = Plan(balancer, 1);
        for (int i = 2; i <= step + 2; i++) plan = Plan(balancer, i);
        return new Publication(
            "0.1.0",
            "Xen 4.17",
            new BalancerSettings(),
            BalancerMode.Active,
            plan,
            [],
            DateTimeOffset.UnixEpoch + plan.At);
    }

    private static Plan Plan(Balancer balancer, int step)
    {
        TimeSpan at = TimeSpan.FromSeconds(20 * step);
        HostSnapshot host = CrowdedHost.At(
            at,
            KiB.FromMiB(512),
            Domains,
            step,
            used => new GuestReport(ReportSource.Agent, used + KiB.FromMiB(step), CrowdedHost.GuestTotal, at));
        return balancer.Step(host, new BalancerSettings());
    }

    /// <summary>A daemon that does nothing.</summary>
    private sealed class Idle : IControl
    {
        public IControl OnBehalfOf(string requester) => this;

        public Task SetModeAsync(BalancerMode mode) => Task.CompletedTask;

        public Task SetPolicyAsync(PolicyKind policy) => Task.CompletedTask;

        public Task ReloadAsync() => Task.CompletedTask;

        public Task BalanceAsync() => Task.CompletedTask;

        public Task<ImmutableArray<string>> RestoreAsync(TimeSpan limit) =>
            Task.FromResult(ImmutableArray<string>.Empty);

        public Task SetDomainAsync(
            DomainIdentity domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient) =>
            Task.CompletedTask;

        public Task UnpinAsync(DomainIdentity domain) => Task.CompletedTask;

        public Task HoldAsync(DomainIdentity domain, string owner) => Task.CompletedTask;

        public Task ReleaseAsync(DomainIdentity domain, string owner) => Task.CompletedTask;

        public Task<long> ReserveAsync(ReservationRequest request) => Task.FromResult(1L);

        public Task TransferAsync(long reservation, int domid) => Task.CompletedTask;

        public Task CancelAsync(long reservation) => Task.CompletedTask;

        public void OwnerLeft(string owner)
        {
        }
    }
}
