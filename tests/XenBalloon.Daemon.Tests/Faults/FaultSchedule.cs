using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>A step of a schedule.</summary>
/// <param name="At">When, in scenario time.</param>
/// <param name="Text">What happens, in words.</param>
/// <param name="Act">What happens to the daemon; null for what only the machine shows.</param>
internal sealed record FaultStep(TimeSpan At, string Text, Action<FaultRun>? Act = null);

/// <summary>A guest's use of memory, which the schedule changes.</summary>
internal sealed record DirectedLoad : Load
{
    /// <summary>The use from now on.</summary>
    internal KiB Amount { get; set; }

    /// <inheritdoc/>
    public override KiB At(TimeSpan time, ulong seed) => Amount;
}

/// <summary>
/// A host, its guests, and what happens to them and to the daemon, at random. The same seed gives the same schedule.
/// </summary>
internal sealed class FaultSchedule
{
    private const int Arrivals = 8;

    private readonly Random random;
    private readonly bool balloonsFail;
    private readonly List<FaultStep> steps = [];
    private readonly List<GuestDescription> guests = [];
    private readonly Dictionary<string, List<GuestEvent>> events = [];
    private readonly (int Weight, Func<FaultStep> Make)[] kinds;
    private readonly int totalWeight;
    private readonly TimeSpan now;

    /// <summary>Makes a schedule. In every other one, all balloons do as they are told.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="count">The number of steps.</param>
    internal FaultSchedule(int seed, int count)
    {
        random = new Random(seed);
        balloonsFail = seed % 2 != 0;
        kinds = [.. GuestSteps(), .. HostSteps(), .. DaemonSteps(), .. RequestSteps()];
        totalWeight = kinds.Sum(kind => kind.Weight);
        int present = random.Next(3, 8);
        for (int number = 0; number < present + Arrivals; number++)
        {
            GuestDescription guest = NewGuest(number, arrives: number >= present, count);
            guests.Add(guest);
            events[guest.Name] = [];
        }

        now = TimeSpan.FromSeconds(1);
        for (int step = 0; step < count; step++)
        {
            now += Pause();
            steps.Add(Pick()());
        }

        KiB boot = new(guests.Take(present).Sum(guest => (guest.BootMemory + guest.Offset).Value));
        Scenario = new Scenario
        {
            Name = "faults",
            Seed = (ulong)seed,
            HostTotal = (boot.Times(1.05 + (random.NextDouble() / 2)) + KiB.FromMiB(512 + 128)).CeilingToPage(),
            Guests =
            [
                .. guests.Select(guest => guest with { Events = [.. events[guest.Name].OrderBy(each => each.At)] }),
            ],
        };
    }

    /// <summary>The host and the guests, with their events.</summary>
    internal Scenario Scenario { get; }

    /// <summary>The steps, in ascending order of time.</summary>
    internal IReadOnlyList<FaultStep> Steps => steps;

    private Func<FaultStep> Pick()
    {
        int rest = random.Next(totalWeight);
        foreach ((int weight, Func<FaultStep> make) in kinds)
        {
            if ((rest -= weight) < 0) return make;
        }

        throw new InvalidOperationException("the weights do not add up");
    }

    private (int Weight, Func<FaultStep> Make)[] GuestSteps() =>
    [
        (30, () => Step("nothing happens")),
        (25, Demand),
        (3, () => Event(GuestEventKind.Pause, GuestEventKind.Unpause)),
        (2, () => Event(GuestEventKind.Suspend, GuestEventKind.Resume)),
        (2, () => Event(GuestEventKind.Save, GuestEventKind.Restore)),
        (4, () => Event(GuestEventKind.Reboot)),
        (1, () => Event(GuestEventKind.MigrateAway)),
        (1, () => Event(GuestEventKind.Crash)),
        (1, () => Event(GuestEventKind.Destroy)),
        (3, () => Event(GuestEventKind.SetTarget)),
        (2, () => Event(GuestEventKind.SetMaxMem)),
        (3, () => Habit("stops reporting", AgentFault.Silent)),
        (2, () => Habit("reports that it uses all", AgentFault.ClaimsAll)),
        (2, () => Habit("reports that it uses nothing", AgentFault.ClaimsNothing)),
        (6, () => Habit("reports as before", AgentFault.None)),
    ];

    private (int Weight, Func<FaultStep> Make)[] HostSteps() =>
    [
        (4, () => Counted("the host refuses commands", 1, 5, (run, count) => run.Faults.Refusals += count)),
        (2, () => Counted("domains seem gone to commands", 1, 3, (run, count) => run.Faults.Vanished += count)),
        (3, () => Counted("the host cannot be read", 1, 5, (run, count) => run.Faults.Unreadable += count)),
        (1, () => Step("xenstored dies", run => run.Faults.IsLost = true)),
        (2, () => Counted("xenstored dies at a command", 1, 4, (run, count) => run.Faults.LostIn = count)),
    ];

    private (int Weight, Func<FaultStep> Make)[] DaemonSteps() =>
    [
        (2, () => Step("the daemon is killed", run => run.Restart("kill -9"))),
        (2, () => Counted("the daemon is killed at a command", 1, 4, (run, count) => run.Faults.KilledIn = count)),
        (1, () => Step("the daemon is killed before it saves", run => run.Faults.KillsBeforeSaving = true)),
        (1, () => Step("the daemon is killed after requests", run => run.Faults.KillsAfterRequests = true)),
        (2, () => Step("the disk is full", run => run.Disk.Fill())),
        (1, () => Step("the disk cannot be written", run => run.Disk.Block())),
        (12, () => Step("the disk can be written", run => run.Disk.Repair())),
        (1, () => Step("the daemon was killed while it saved", run => run.RestartWith(disk => disk.LeaveHalf()))),
        (1, () =>
        {
            int kind = random.Next(StateDisk.Damages);
            return Step($"the state is damaged ({kind})", run => run.RestartWith(disk => disk.Damage(kind)));
        }),
        (2, () =>
        {
            TimeSpan jump = WallClockJump();
            return Step($"the wall clock jumps by {jump}", run => run.Clock.Jump += jump);
        }),
        (1, () => Step("the wall clock is reset to 1970", run => run.Clock.Reset())),
    ];

    private (int Weight, Func<FaultStep> Make)[] RequestSteps() =>
    [
        (6, () => Step("reserve", run => run.Requests.Reserve())),
        (3, () => Step("transfer", run => run.Requests.Transfer())),
        (2, () => Step("cancel", run => run.Requests.Cancel())),
        (6, () => Step("set", run => run.Requests.Set())),
        (2, () => Step("unpin", run => run.Requests.Unpin())),
        (3, () => Step("mode", run => run.Requests.SetMode())),
        (1, () => Step("policy", run => run.Requests.SetPolicy())),
        (1, () => Step("restore", run => run.Requests.Restore())),
        (2, () => Step("hold", run => run.Requests.Hold())),
        (2, () => Step("release", run => run.Requests.Release())),
        (2, () => Step("a client leaves", run => run.Requests.OwnerLeft())),
        (2, () => Step("reload", run => run.Requests.Reload())),
        (1, () => Step("reload what is invalid", run => run.Requests.ReloadInvalid())),
    ];

    private FaultStep Step(string text, Action<FaultRun>? act = null) => new(now, text, act);

    private FaultStep Counted(string text, int least, int most, Action<FaultRun, int> act)
    {
        int count = random.Next(least, most + 1);
        return Step($"{text} ({count})", run => act(run, count));
    }

    private FaultStep Demand()
    {
        GuestDescription guest = AnyGuest();
        KiB most = guest.StaticMax - guest.Overhead - KiB.FromMiB(48);
        KiB use = most.Times(Math.Pow(random.NextDouble(), 1.5)).CeilingToPage();
        return Step($"{guest.Name} uses {use}", run => run.Use(guest, use));
    }

    private FaultStep Habit(string text, AgentFault fault)
    {
        string name = AnyGuest().Name;
        return Step($"{name} {text}", run => run.Faults.SetAgent(name, fault));
    }

    /// <summary>An action of a toolstack or guest, and the one that ends it.</summary>
    private FaultStep Event(GuestEventKind kind, GuestEventKind? end = null)
    {
        GuestDescription guest = AnyGuest();
        KiB size = guest.StaticMax.Times(0.2 + (random.NextDouble() * 0.8)).CeilingToPage();
        List<GuestEvent> own = events[guest.Name];
        if (now >= (guest.CreatedAt ?? TimeSpan.Zero)) own.Add(new GuestEvent(now, kind, size));
        if (end is not { } ends) return Step($"{kind} {guest.Name} ({size})");
        TimeSpan time = TimeSpan.FromSeconds(1 + (random.NextDouble() * 20));
        own.Add(new GuestEvent(now + time, ends));
        return Step($"{kind} {guest.Name} for {time.TotalSeconds:0.0} s");
    }

    private GuestDescription AnyGuest() => guests[random.Next(guests.Count)];

    /// <summary>Most changes follow each other fast; some find the host at rest.</summary>
    private TimeSpan Pause()
    {
        double kind = random.NextDouble(), part = random.NextDouble();
        return TimeSpan.FromSeconds(
            kind < 0.8 ? part / 2 : kind < 0.95 ? 3 * part : kind < 0.997 ? 3 + (12 * part) : 60 + (140 * part));
    }

    private TimeSpan WallClockJump()
    {
        TimeSpan most = random.Next(4) switch
        {
            0 => TimeSpan.FromSeconds(5),
            1 => TimeSpan.FromHours(2),
            2 => TimeSpan.FromDays(3),
            _ => TimeSpan.FromDays(3000),
        };
        return most * ((2 * random.NextDouble()) - 1);
    }

    private GuestDescription NewGuest(int number, bool arrives, int count)
    {
        KiB most = KiB.FromMiB(Of(512, 1024, 1024, 2048)), boot = most.Times(Of(0.5, 0.5, 0.75, 1.0)).CeilingToPage();
        bool isHvm = random.Next(2) == 0;
        string prefix = random.Next(12) switch { 0 => "unmanaged", 1 => FaultyHost.DevicePrefix, _ => "g" };
        KiB offset = isHvm ? new KiB(4 * random.Next(257)) : KiB.Zero;
        var load = new DirectedLoad();
        var guest = new GuestDescription
        {
            Name = $"{prefix}{number}",
            Kind = isHvm ? DomainKind.Hvm : DomainKind.Pv,
            BootMemory = boot,
            StaticMax = most,
            Offset = offset,
            Anonymous = load,
            Swap = new SwapDescription { Size = KiB.FromMiB(Of(0, 512, 1024, 1024)) },
            Reporting = NewAgent(),
            Balloon = NewBalloon(boot + offset) is var balloon && balloonsFail ? balloon : BalloonDescription.Normal,
            PopulatesOnDemand = isHvm && boot < most && random.Next(2) == 0,
            CreatedAt = arrives ? TimeSpan.FromSeconds(random.NextDouble() * count) : null,
            Patience = random.Next(2) == 0 ? TimeSpan.FromSeconds(random.Next(60)) : null,
            BuildTime = TimeSpan.FromSeconds(random.NextDouble() * 4),
            BootTime = TimeSpan.FromSeconds(random.NextDouble() * 15),
        };
        load.Amount = (boot - guest.Overhead).Times(0.1 + (random.NextDouble() * 0.6)).CeilingToPage();
        return guest;
    }

    private ReportingDescription NewAgent()
    {
        ReportingDescription agent = new()
        {
            Source = Of(ReportSource.Agent, ReportSource.Agent, ReportSource.XenServer, ReportSource.Qubes),
            Interval = TimeSpan.FromSeconds(Of(1, 1, 5, 60)),
            Habit = random.Next(12) switch
            {
                0 => ReportHabit.Silent,
                1 => ReportHabit.ClaimsAllUsed,
                2 => ReportHabit.ClaimsNothingUsed,
                3 => ReportHabit.Junk,
                4 => ReportHabit.Flooding,
                5 => ReportHabit.FixedTotal,
                _ => ReportHabit.Honest,
            },
        };
        return agent.Habit == ReportHabit.FixedTotal ? agent with { Source = ReportSource.XenServer } : agent;
    }

    private BalloonDescription NewBalloon(KiB boot) => random.Next(12) switch
    {
        0 => BalloonDescription.Slow,
        1 => BalloonDescription.Stuck,
        2 => new BalloonDescription { HiddenFloor = boot.Times(0.6) },
        3 => new BalloonDescription { Ceiling = boot },
        4 => new BalloonDescription
        {
            StuckEvery = TimeSpan.FromSeconds(random.Next(2, 90)),
            StuckFor = TimeSpan.FromSeconds(random.Next(2)),
        },
        5 => new BalloonDescription
        {
            StuckFrom = TimeSpan.FromSeconds(random.Next(500)),
            StuckUntil = TimeSpan.FromSeconds(random.Next(500, 1000)),
        },
        _ => BalloonDescription.Normal,
    };

    private T Of<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];
}
