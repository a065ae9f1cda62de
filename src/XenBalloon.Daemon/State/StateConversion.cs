using System.Collections.Immutable;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.State;

/// <summary>
/// Converts between the state and the form it has in the file. A file may have been edited by hand: values that the
/// daemon never writes and could not use are refused.
/// </summary>
internal static class StateConversion
{
    /// <summary>The largest integer that every JSON reader represents exactly.</summary>
    private const long MaxNumber = (1L << 53) - 1;

    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch, Latest = Earliest.AddYears(1000);

    internal static StateFile ToFile(SavedState state, string bootId) => new()
    {
        Version = StateFile.CurrentVersion,
        BootId = bootId,
        Settings =
        [
            .. from entry in state.Settings
               orderby entry.Key.Uuid, entry.Key.Name
               select new StateSettings(entry.Key.Name, entry.Key.Uuid, entry.Value),
        ],
        Overrides =
        [
            .. from domain in state.Overrides.Keys.Union(state.CapBounds.Keys)
               orderby domain.Domid
               select new StateOverride(
                   domain.Domid, domain.Uuid, Find(state.Overrides, domain), Find(state.CapBounds, domain)),
        ],
        Guests = state.Guests.IsEmpty ? null :
            [.. state.Guests.Values.OrderBy(guest => guest.Uuid).Select(guest => ToFile(guest, state))],
        LastReservation = state.Book.LastId,
        Reservations = [.. state.Book.Open.Select(reservation => ToFile(reservation, state.ClockStart))],
    };

    /// <summary>
    /// The state in the file. After a reboot of the host, settings remain, and persistent reservations that no domain
    /// has claimed.
    /// </summary>
    /// <exception cref="FormatException">A value is invalid.</exception>
    internal static SavedState FromFile(StateFile file, string bootId)
    {
        if (file.Version is < StateFile.OldestVersion or > StateFile.CurrentVersion)
        {
            string expected = $"{StateFile.OldestVersion} to {StateFile.CurrentVersion}";
            throw new FormatException($"it has version {file.Version}: expected {expected}");
        }

        // RespectNullableAnnotations refuses null in fields, but not in lists.
        IEnumerable<object?> entries =
            [.. file.Settings, .. file.Overrides, .. file.Guests ?? [], .. file.Reservations];
        if (entries.Contains(null)) throw new FormatException("an entry is null");
        if (file.LastReservation != 0) CheckNumber(file.LastReservation);
        bool sameBoot = file.BootId == bootId;
        var clockStart = DateTimeOffset.UnixEpoch;
        try
        {
            return new SavedState(
                Settings(file),
                Sizes(file.Overrides.Where(_ => sameBoot), entry => entry.TargetKib),
                (file.Guests ?? []).ToImmutableDictionary(entry => entry.Uuid, entry => FromFile(entry, clockStart)),
                ReservationBook.Restore(
                    [
                        .. from entry in file.Reservations
                           let reservation = FromFile(entry, clockStart)
                           where sameBoot || (reservation.Persistent && reservation.Claim is null)
                           select reservation,
                    ],
                    file.LastReservation),
                clockStart)
            {
                CapBounds = Sizes(file.Overrides.Where(_ => sameBoot), entry => entry.MaxKib),
            };
        }
        catch (ArgumentException exception)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    private static long? Find(ImmutableDictionary<DomainIdentity, KiB> sizes, DomainIdentity domain) =>
        sizes.TryGetValue(domain, out KiB size) ? size.Value : null;

    private static ImmutableDictionary<DomainIdentity, KiB> Sizes(
        IEnumerable<StateOverride> entries, Func<StateOverride, long?> size) =>
        entries.Where(entry => size(entry) is not null).ToImmutableDictionary(
            entry => new DomainIdentity(entry.Domid, entry.Uuid), entry => Size(size(entry)!.Value));

    private static ImmutableDictionary<DomainKey, DomainSettings> Settings(StateFile file)
    {
        ILookup<DomainKey, StateSettings> names = file.Settings.ToLookup(NameOf);
        return file.Settings.ToImmutableDictionary(
            entry => file.Version == StateFile.OldestVersion ? OldKey(entry, names) : Key(entry),
            entry => entry.Settings);
    }

    private static DomainKey Key(StateSettings entry) => entry switch
    {
        { Name: { } name, Uuid: { } uuid } => throw new FormatException(
            $"settings of '{name}' have the uuid {uuid} too: remove one of them"),
        { Uuid: { } uuid } => DomainKey.OfUuid(uuid),
        { Name: "" } => throw new FormatException("settings of a domain with an empty name"),
        { Name: var name } => DomainKey.OfName(name!),
    };

    /// <summary>
    /// Version 1 kept settings for a UUID, with the name of the domain if it ran when the file was written: they now
    /// hold for the name. Without a name, or with the name of another entry, they stay with the UUID.
    /// </summary>
    private static DomainKey OldKey(StateSettings entry, ILookup<DomainKey, StateSettings> names)
    {
        if (entry.Uuid is not { } uuid) throw new FormatException($"settings of '{entry.Name}' without a uuid");
        DomainKey name = NameOf(entry);
        return names[name].Count() == 1 ? name : DomainKey.OfUuid(uuid);
    }

    private static DomainKey NameOf(StateSettings entry) => DomainKey.Of(entry.Uuid ?? Guid.Empty, entry.Name ?? "");

    private static StateReservation ToFile(Reservation reservation, DateTimeOffset clockStart) => new()
    {
        Id = reservation.Id,
        MinKib = reservation.Minimum.Value,
        MaxKib = reservation.Maximum.Value,
        Owner = reservation.Owner,
        For = reservation.For,
        Persistent = reservation.Persistent,
        RequestedAt = Within(clockStart + reservation.RequestedAt),
        Deadline = Within(clockStart + reservation.Deadline),
        ReadyAt = Within(clockStart + reservation.ReadyAt),
        ExpiresAt = Within(clockStart + reservation.ExpiresAt),
        OvertakenKib = reservation.Overtaken.Value,
        Claim = reservation.Claim is { } claim
            ? new StateClaim(
                claim.Domain.Domid,
                claim.Domain.Uuid,
                claim.HeldBefore.Value,
                claim.Granted.Value,
                claim.Outstanding.Value,
                Within(clockStart + claim.TakenAt))
            : null,
    };

    private static Reservation FromFile(StateReservation entry, DateTimeOffset clockStart)
    {
        CheckNumber(entry.Id);
        DateTimeOffset?[] times =
            [entry.RequestedAt, entry.Deadline, entry.ReadyAt, entry.ExpiresAt, entry.Claim?.TakenAt];
        foreach (DateTimeOffset? time in times) CheckTime(time, $"reservation {entry.Id}");

        KiB minimum = Size(entry.MinKib).CeilingToPage(), maximum = Size(entry.MaxKib).CeilingToPage();
        if (minimum < KiB.Page || maximum < minimum)
        {
            throw new FormatException($"reservation {entry.Id} is from {entry.MinKib} to {entry.MaxKib} KiB");
        }

        return new Reservation
        {
            Id = entry.Id,
            Minimum = minimum,
            Maximum = maximum,
            Owner = entry.Owner,
            For = entry.For ?? "",
            Persistent = entry.Persistent,
            RequestedAt = entry.RequestedAt - clockStart,
            Deadline = entry.Deadline - clockStart,
            ReadyAt = entry.ReadyAt - clockStart,
            ExpiresAt = entry.ExpiresAt - clockStart,
            Overtaken = Size(entry.OvertakenKib),
            State = entry.Claim is null ? ReservationState.Gathering : ReservationState.Claimed,
            Claim = entry.Claim is { } claim
                ? new ReservationClaim(
                    new DomainIdentity(claim.Domid, claim.Uuid),
                    Size(claim.HeldBeforeKib),
                    Size(claim.GrantedKib),
                    Size(claim.OwedKib),
                    claim.TakenAt - clockStart)
                : null,
        };
    }

    private static StateGuest ToFile(RememberedGuest guest, SavedState state) => new(
        guest.Uuid,
        guest.Name,
        guest.BootMemory.Value,
        guest.StaticMax.Value,
        guest.LeftWith?.Value,
        Within(state.ClockStart + guest.LeftAt),
        guest.LeavingWith?.Value);

    private static RememberedGuest FromFile(StateGuest entry, DateTimeOffset clockStart)
    {
        CheckTime(entry.LeftAt, $"guest {entry.Uuid}");
        return new RememberedGuest(entry.Uuid, entry.Name, Size(entry.BootKib), Size(entry.StaticMaxKib))
        {
            LeftWith = entry.LeftWithKib is { } left ? Size(left) : null,
            LeavingWith = entry.LeavingWithKib is { } leaving ? Size(leaving) : null,
            LeftAt = entry.LeftAt - clockStart,
        };
    }

    /// <summary>
    /// A time that can be read again. A wall clock that is set back to 1970, as without a battery, puts what has
    /// happened before that.
    /// </summary>
    private static DateTimeOffset Within(DateTimeOffset time) =>
        time < Earliest ? Earliest : time > Latest ? Latest : time;

    private static DateTimeOffset? Within(DateTimeOffset? time) => time is { } known ? Within(known) : null;

    private static void CheckTime(DateTimeOffset? time, string owner)
    {
        if (time is null || (time >= Earliest && time <= Latest)) return;
        throw new FormatException($"{owner} has the time {time:O}");
    }

    private static KiB Size(long kib) =>
        kib >= 0 && kib <= KiB.Largest.Value ? new KiB(kib) : throw new FormatException($"invalid size of {kib} KiB");

    private static void CheckNumber(long id)
    {
        if (id is < 1 or > MaxNumber) throw new FormatException($"invalid reservation number {id}");
    }
}
