using System.Diagnostics;
using XenBalloon.Bus.Client;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>
/// Users without privileges attack the daemon, which runs as a process of its own on a bus with the policies of the
/// system bus and of the service: root keeps control, and the daemon its memory and its connection.
/// </summary>
internal sealed class AttackTests
{
    private const string Root = "/org/xenballoon/Balloon1", Service = "org.xenballoon.Balloon1";
    private const string Manager = Service + ".Manager", FreeDesktop = "org.freedesktop.DBus";
    private const int MaxMessage = 33_000_000; // of the bus: 32 MiB

    /// <summary>A bound for a loaded machine; without other load it takes some ten milliseconds.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    private const long MostGrowth = 64 << 10; // KiB

    private PrivateBus bus = null!;
    private RunningCommand daemon = null!;
    private BalloonClient root = null!;

    private static IEnumerable<TestCaseData<int, AttackMessage[]>> Attacks =>
    [
        Attack("argument of 33 MB", 1, Call("GetDomain") with { Signature = "s", Body = Long() }),
        Attack("path of 33 MB", 1, Call("Reload") with { Path = "/" + new string('x', MaxMessage) }),
        Attack(
            "signal of 33 MB",
            2,
            new AttackMessage(Root, "a.b", "C") { IsSignal = true, Signature = "s", Body = Long() }),
        Attack(
            "signal of 33 MB to the name for root",
            2,
            new AttackMessage(Root, "a.b", "C")
            {
                IsSignal = true,
                Destination = Service + ".Root",
                Signature = "s",
                Body = Long(),
            }),
        Attack("options of 20 MB", 1, Call("Reserve") with { Signature = "tta{sv}", Body = Options(1_000_000) }),
        Attack("denied calls", 50, Repeat(Call("Reload"))),
        Attack("denied calls without reply", 4, Repeat(Call("Reload") with { Flags = AttackMessage.NoReplyExpected })),
        Attack("calls to long paths", 50, Repeat(Call("Reload") with { Path = "/" + new string('x', 4000) })),
        Attack("reads of all objects", 50, Repeat(new(Root, FreeDesktop + ".ObjectManager", "GetManagedObjects"))),
        Attack(
            "reads of all objects without reply",
            4,
            Repeat(new(Root, FreeDesktop + ".ObjectManager", "GetManagedObjects")
            {
                Flags = AttackMessage.NoReplyExpected,
            })),
        Attack("introspection", 50, Repeat(new(Root, FreeDesktop + ".Introspectable", "Introspect"))),
        Attack(
            "reads of properties",
            50,
            Repeat(new(Root, FreeDesktop + ".Properties", "GetAll")
            {
                Signature = "s",
                Body = AttackMessage.Text(""),
            })),
        Attack("pings", 50, Repeat(new(Root, FreeDesktop + ".Peer", "Ping"))),
    ];

    [SetUp]
    public void StartDaemon()
    {
        bus = new PrivateBus(PrivateBus.SystemPolicy + ShippedFiles.Policy);
        string configuration = Path.Combine(bus.Directory, "xenballoon.conf");
        File.WriteAllText(configuration, "[host]\nmode = active\n");
        var environment = new Dictionary<string, string?>
        {
            ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address,

            // As published: the garbage collector would otherwise wait for more garbage than an attack should cause.
            ["DOTNET_gcConcurrent"] = "0",
            ["DOTNET_GCgen0size"] = "400000",
        };
        string program = Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon-demo");
        daemon = new RunningCommand(program, environment, "--config", configuration);
        Eventually.Holds(IsServing, () => daemon.Output);
        root = BalloonClient.Connect(bus.Address);
    }

    [TearDown]
    public void StopDaemon()
    {
        root.Dispose();
        daemon.Dispose();
        bus.Dispose();
    }

    [TestCaseSource(nameof(Attacks))]
    public void Attack_does_not_disturb_root(int connections, AttackMessage[] messages)
    {
        using BalloonClient owner = BalloonClient.Connect(bus.Address);
        long reservation = owner.Reserve(new Core.Reservations.ReservationRequest(new(4096), new(4096), ""));
        for (int i = 0; i < 20; i++) Turn(i);
        long before = daemon.Resident, most = 0;
        TimeSpan longest = TimeSpan.Zero, longestRead = TimeSpan.Zero;

        using (new Attacker(bus, connections, messages))
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; Stopwatch.GetElapsedTime(began) < Duration; i++)
            {
                (TimeSpan change, TimeSpan read) = Turn(i);
                if (change > longest) longest = change;
                if (read > longestRead) longestRead = read;
                most = Math.Max(most, daemon.Resident);
                Thread.Sleep(20);
            }
        }

        TestContext.Out.WriteLine(
            $"longest change {longest.TotalMilliseconds:0} ms, connection and read "
            + $"{longestRead.TotalMilliseconds:0} ms; {before} to {most} KiB");
        Assert.That(longest, Is.LessThan(Longest));
        Assert.That(most - before, Is.LessThan(MostGrowth), "memory, in KiB");
        Assert.That(root.Read().Reservations.Select(each => each.Id), Does.Contain(reservation));
    }

    /// <summary>
    /// How long a change by root takes, by a client that stays connected, and connecting and reading by another.
    /// </summary>
    private (TimeSpan Change, TimeSpan Read) Turn(int number)
    {
        long began = Stopwatch.GetTimestamp();
        root.SetMode(number % 2 == 0 ? BalancerMode.Paused : BalancerMode.Active);
        TimeSpan changed = Stopwatch.GetElapsedTime(began);
        using BalloonClient fresh = BalloonClient.Connect(bus.Address);
        fresh.Read();
        return (changed, Stopwatch.GetElapsedTime(began) - changed);
    }

    private bool IsServing()
    {
        try
        {
            using BalloonClient client = BalloonClient.Connect(bus.Address);
            return client.Read().Domains.Length > 0;
        }
        catch (ControlException)
        {
            return false; // not yet
        }
    }

    private static TestCaseData<int, AttackMessage[]> Attack(
        string name, int connections, params AttackMessage[] messages) =>
        new TestCaseData<int, AttackMessage[]>(connections, messages).SetArgDisplayNames(name);

    private static AttackMessage Call(string member) => new(Root, Manager, member);

    /// <summary>As many as the bus lets a connection wait for.</summary>
    private static AttackMessage[] Repeat(AttackMessage message) => [.. Enumerable.Repeat(message, 128)];

    private static byte[] Long() => AttackMessage.Text(new string('x', MaxMessage));

    /// <summary>The arguments of Reserve with many options.</summary>
    private static byte[] Options(int count)
    {
        byte[] entries =
        [
            .. Enumerable.Range(0, count).SelectMany(i => (byte[])
            [
                .. AttackMessage.Text($"k{i:0000000}"), 1, (byte)'u', 0, .. AttackMessage.Number(1), .. new byte[4],
            ]),
        ];
        int length = entries.Length - 4; // without the padding of the last
        return [.. new byte[16], .. AttackMessage.Number((uint)length), .. new byte[4], .. entries[..length]];
    }
}
