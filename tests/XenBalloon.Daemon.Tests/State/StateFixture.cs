using System.Collections.Immutable;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Logging;

namespace XenBalloon.Daemon.Tests.State;

/// <summary>A state with entries of every kind.</summary>
internal static class Sample
{
    internal static readonly Guid
        Web = new(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]),
        Db = new(2, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]);

    /// <summary>The zero of the state's clock.</summary>
    internal static readonly DateTimeOffset ClockStart = new(2026, 11, 28, 8, 0, 0, TimeSpan.Zero);

    internal static SavedState State { get; } = SavedState.Empty with
    {
        Settings = ImmutableDictionary<DomainKey, DomainSettings>.Empty
            .Add(DomainKey.OfName("web"), new DomainSettings
            {
                Minimum = KiB.FromMiB(512),
                Maximum = KiB.FromMiB(1024),
                Weight = 200,
                Managed = false,
            })
            .Add(DomainKey.OfUuid(Db), new DomainSettings { Pin = KiB.FromMiB(2048) }),
        Overrides = ImmutableDictionary<DomainIdentity, KiB>.Empty
            .Add(new DomainIdentity(3, Web), KiB.FromMiB(700)),
        Guests = ImmutableDictionary<Guid, RememberedGuest>.Empty
            .Add(Web, new RememberedGuest(Web, "web1", KiB.FromMiB(1024), KiB.FromMiB(2048)))
            .Add(Db, new RememberedGuest(Db, "db1", KiB.FromMiB(4096), KiB.FromMiB(4096))
            {
                LeftWith = KiB.FromMiB(1500),
                LeftAt = TimeSpan.FromSeconds(90),
            }),
        Book = ReservationBook.Restore(
            [Persistent(1), Persistent(2) with { Owner = ":1.77", Persistent = false, For = "" }, Claimed(5)], 9),
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
        ExpiresAt = TimeSpan.FromSeconds(3600),
        Overtaken = KiB.FromMiB(4),
    };

    private static Reservation Claimed(long id) => Persistent(id) with
    {
        State = ReservationState.Claimed,
        ReadyAt = TimeSpan.FromSeconds(110),
        Claim = new ReservationClaim(
            new DomainIdentity(7, Db),
            KiB.Zero,
            KiB.FromMiB(256),
            KiB.FromMiB(100),
            TimeSpan.FromSeconds(120)),
    };
}

/// <summary>A directory for a store, and the store's log.</summary>
/// <param name="log">Gets the lines of the log; null for a list of each store.</param>
/// <param name="parent">The directory in which it is; it is deleted in the end. Null for a new one.</param>
internal sealed class StateFolder(List<string>? log = null, DirectoryInfo? parent = null) : IDisposable
{
    private readonly DirectoryInfo parent = parent ?? Directory.CreateTempSubdirectory("xenballoon-state-");

    /// <summary>The directory, which the store creates.</summary>
    internal string Name => Path.Combine(parent.FullName, "xenballoon");

    /// <summary>The file.</summary>
    internal string File => Path.Combine(Name, "state.json");

    /// <summary>The log of the last store.</summary>
    internal RecordingLogger<StateStore> Log { get; private set; } = new();

    /// <summary>Creates a store, as a starting daemon does.</summary>
    internal StateStore Open()
    {
        Log = new RecordingLogger<StateStore>(log);
        return new StateStore(Name, Log);
    }

    /// <summary>Writes the state file.</summary>
    internal void Put(string text)
    {
        Directory.CreateDirectory(Name);
        System.IO.File.WriteAllText(File, text);
    }

    /// <summary>The names of all files in the directory.</summary>
    internal IEnumerable<string?> Files() => Directory.GetFiles(Name).Select(Path.GetFileName).Order();

    public void Dispose() => parent.Delete(recursive: true);
}

/// <summary>Compares states on different clocks.</summary>
internal static class StateContent
{
    /// <summary>The content of a state, without what each pass computes again.</summary>
    internal static IEnumerable<object> Of(SavedState state) =>
    [
        .. state.Settings
            .OrderBy(entry => entry.Key.Uuid)
            .ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .Cast<object>(),
        .. state.Overrides.OrderBy(entry => entry.Key.Domid).ThenBy(entry => entry.Key.Uuid).Cast<object>(),
        .. state.GuestsOn(DateTimeOffset.UnixEpoch).Values.OrderBy(guest => guest.Uuid),
        .. state.CapBounds.OrderBy(entry => entry.Key.Domid).ThenBy(entry => entry.Key.Uuid).Cast<object>(),
        state.Book.LastId,
        .. state.BookOn(DateTimeOffset.UnixEpoch).Open.Select(Lasting),
    ];

    private static Reservation Lasting(Reservation reservation) => reservation with
    {
        State = reservation.Claim is null ? ReservationState.Gathering : ReservationState.Claimed,
        Held = default,
        Donations = ImmutableArray<Donation>.Empty,
        IsOutOfReach = false,
    };
}
