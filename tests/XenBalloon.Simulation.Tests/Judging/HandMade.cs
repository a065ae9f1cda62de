using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Judging;

/// <summary>Runs and judgements with known values.</summary>
internal static class HandMade
{
    internal const double KiBSecondsPerGiBMinute = 1024 * 1024 * 60;

    /// <summary>Two guests for an hour: web had its whole entitlement, db half of it and late.</summary>
    public static RunOutcome Run { get; } = Of(Web, Db) with
    {
        Peak = KiB.FromMiB(3000),
        Settlings = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)],
        Report = Report([Web, Db]) with { Host = new HostOutcome { FailedStarts = 1, Starts = Starts } },
        Hoarding = new Hoarding(ShortageKiBSeconds: 8 * KiBSecondsPerGiBMinute,
            HoardedKiBSeconds: 2 * KiBSecondsPerGiBMinute),
        Violations = 3,
    };

    // Created after 4 s, refused after 60 s, and still waiting after the hour: the last two count until the end.
    private static ImmutableArray<GuestStart> Starts =>
    [
        new("web", TimeSpan.FromSeconds(10), CreatedAt: TimeSpan.FromSeconds(14)),
        new("late", TimeSpan.FromSeconds(10), GivenUpAt: TimeSpan.FromSeconds(70)),
        new("last", TimeSpan.FromSeconds(3590)),
    ];

    private static GuestRun Web => new()
    {
        Outcome = new GuestOutcome
        {
            Name = "web",
            Swapped = KiB.FromMiB(12),
            TargetsWritten = 3,
            Moved = KiB.FromMiB(300),
            Reversals = 1,
            MostActual = KiB.FromMiB(1500),
        },
        Present = TimeSpan.FromHours(1),
        Habit = ReportHabit.Junk,
        HeldAtEnd = KiB.FromMiB(1024),
        EntitledKiBSeconds = 1000,
        ReceivedKiBSeconds = 1000,
        Slowdowns = [1, 1, 1, 1],
        EstimateAccuracy =
            new EstimateAccuracy(TimeSpan.FromSeconds(3000), ErrorSeconds: 50, TimeSpan.FromSeconds(2), Rises: 0),
    };

    private static GuestRun Db => new()
    {
        Outcome = new GuestOutcome
        {
            Name = "db",
            Swapped = KiB.FromMiB(48),
            SwapFaults = 70,
            FileFaults = 30,
            OomKills = 2,
            Panics = 1,
            OomKillsByBalancer = 2,
            TargetsWritten = 1,
            Moved = KiB.FromMiB(100),
            Reversals = 2,
        },
        Present = TimeSpan.FromHours(1),
        HeldAtEnd = KiB.FromMiB(512),
        EntitledKiBSeconds = 1000,
        ReceivedKiBSeconds = 500,
        ShortageKiBSeconds = 8 * KiBSecondsPerGiBMinute,
        Slowdowns = [1, 2, 3, 10],
        Deliveries = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(9)],
        ShareDeliveries = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)],
        EstimateAccuracy =
            new EstimateAccuracy(TimeSpan.FromSeconds(1000), ErrorSeconds: 250, TimeSpan.FromSeconds(30), Rises: 4),
    };

    /// <summary>A run of these guests.</summary>
    public static RunOutcome Of(params ImmutableArray<GuestRun> guests) => new()
    {
        Report = Report(guests),
        Guests = guests,
    };

    /// <summary>A policy with one guest, named guest, that had these slowdowns by seed.</summary>
    public static PolicyResult Policy(string name, params ImmutableArray<double> slowdowns) => new()
    {
        Policy = new PolicyEntry(name, "made up", _ => throw new InvalidOperationException("it is made up")),
        Runs =
        [
            .. slowdowns
                .Select(slowdown => new GuestRun
                {
                    Outcome = new GuestOutcome { Name = "guest" },
                    Slowdowns = [slowdown],
                })
                .Select(guest => Of(guest)),
        ],
    };

    /// <summary>A judgement of these policies with these pass lines.</summary>
    public static Judgement Judgement(IEnumerable<PolicyResult> policies, params IEnumerable<string> passLines) => new()
    {
        Scenario = VirtualHost.Hosting(VirtualHost.Guest()) with { PassLines = [.. passLines] },
        Duration = TimeSpan.FromMinutes(1),
        FirstSeed = 1001,
        Seeds = policies.First().Runs.Length,
        Policies = [.. policies],
    };

    private static SimulationReport Report(ImmutableArray<GuestRun> guests) =>
        new("made up", TimeSpan.FromHours(1), new HostOutcome(), [.. guests.Select(guest => guest.Outcome)]);
}
