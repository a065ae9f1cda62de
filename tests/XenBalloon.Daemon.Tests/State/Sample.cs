using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Tests.State;

/// <summary>A state with something of everything.</summary>
internal static class Sample
{
    internal static readonly Guid Web = new(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]), Db = new(2, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]);

    /// <summary>On the clock of a daemon that began at this time.</summary>
    internal static readonly DateTimeOffset ClockStart = new(2026, 11, 28, 8, 0, 0, TimeSpan.Zero);

    internal static RememberedState State { get; } = RememberedState.Nothing with
    {
        Settings = ImmutableDictionary<Guid, DomainSettings>.Empty
            .Add(Web, new DomainSettings { Minimum = KiB.FromMiB(512), Maximum = KiB.FromMiB(1024), Weight = 200, Managed = false })
            .Add(Db, new DomainSettings { Pin = KiB.FromMiB(2048) }),
        Overrides = ImmutableDictionary<DomainIdentity, KiB>.Empty.Add(new DomainIdentity(3, Web), KiB.FromMiB(700)),
        Book = ReservationBook.Restore([Persistent(1), Persistent(2) with { Owner = ":1.77", Persistent = false, For = "" }, Claimed(5)], 9),
        ClockStart = ClockStart,
    };

    internal static Reservation Persistent(long id) => new()
    {
        Id = id,
        Minimum = KiB.FromMiB(256),
        Maximum = KiB.FromMiB(512),
        Owner = ":1.5",
        For = "big",
        Persistent = true,
        RequestedAt = TimeSpan.FromSeconds(100),
        Deadline = TimeSpan.FromSeconds(160),
        Overtaken = KiB.FromMiB(4),
    };

    private static Reservation Claimed(long id) => Persistent(id) with
    {
        State = ReservationState.Claimed,
        ReadyAt = TimeSpan.FromSeconds(110),
        Claim = new ReservationClaim(new DomainIdentity(7, Db), KiB.Zero, KiB.FromMiB(256), KiB.FromMiB(100), TimeSpan.FromSeconds(120)),
    };
}
