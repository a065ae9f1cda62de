using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Daemon.State;

/// <summary>
/// Between what is remembered and how the file holds it. Refuses in a file, which anybody may have edited, what the
/// program itself never writes and could not go on with.
/// </summary>
internal static class StateTranslation
{
    /// <summary>The largest number that every JSON reader knows exactly; nobody makes so many reservations.</summary>
    private const long LargestNumber = (1L << 53) - 1;

    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch, Latest = Earliest.AddYears(1000);

    internal static StateFile ToFile(RememberedState state, string bootId)
    {
        ILookup<Guid, string> names = state.Domains.ToLookup(one => one.Domain.Identity.Uuid, one => one.Domain.Name);
        return new StateFile
        {
            Version = StateFile.CurrentVersion,
            BootId = bootId,
            Settings =
            [
                .. from one in state.Settings
                   orderby one.Key
                   select new StateSettings(one.Key, names[one.Key].FirstOrDefault(), one.Value),
            ],
            Overrides =
            [
                .. from one in state.Overrides
                   orderby one.Key.Domid
                   select new StateOverride(one.Key.Domid, one.Key.Uuid, one.Value.Value),
            ],
            LastReservation = state.Book.LastId,
            Reservations = [.. state.Book.Open.Select(one => ToFile(one, state.ClockStart))],
        };
    }

    /// <summary>What the file says. After another boot of the host, only what is meant to last is left of it.</summary>
    /// <exception cref="FormatException">Something in it is invalid.</exception>
    internal static RememberedState FromFile(StateFile file, string bootId)
    {
        if (file.Version != StateFile.CurrentVersion)
        {
            throw new FormatException($"it has version {file.Version}: expected {StateFile.CurrentVersion}");
        }

        // The reader refuses null in fields, but lets it pass in lists.
        IEnumerable<object?> entries = [.. file.Settings, .. file.Overrides, .. file.Reservations];
        if (entries.Contains(null)) throw new FormatException("an entry is null");
        if (file.LastReservation != 0) CheckNumber(file.LastReservation);
        bool sameBoot = file.BootId == bootId;
        var clockStart = DateTimeOffset.UnixEpoch;
        try
        {
            return new RememberedState(
                file.Settings.ToImmutableDictionary(one => one.Uuid, one => one.Settings),
                file.Overrides.Where(_ => sameBoot).ToImmutableDictionary(Domain, one => Size(one.TargetKib)),
                [],
                ReservationBook.Restore(
                    [
                        .. from one in file.Reservations
                           let reservation = FromFile(one, clockStart)
                           where sameBoot || (reservation.Persistent && reservation.Claim is null)
                           select reservation,
                    ],
                    file.LastReservation),
                clockStart);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    private static DomainIdentity Domain(StateOverride one) => new(one.Domid, one.Uuid);

    private static StateReservation ToFile(Reservation one, DateTimeOffset clockStart) => new()
    {
        Id = one.Id,
        MinKib = one.Minimum.Value,
        MaxKib = one.Maximum.Value,
        Owner = one.Owner,
        For = one.For,
        Persistent = one.Persistent,
        RequestedAt = clockStart + one.RequestedAt,
        Deadline = clockStart + one.Deadline,
        ReadyAt = clockStart + one.ReadyAt,
        OvertakenKib = one.Overtaken.Value,
        Claim = one.Claim is { } claim
            ? new StateClaim(
                claim.Domain.Domid,
                claim.Domain.Uuid,
                claim.HeldBefore.Value,
                claim.Granted.Value,
                claim.Owed.Value,
                clockStart + claim.TakenAt)
            : null,
    };

    private static Reservation FromFile(StateReservation one, DateTimeOffset clockStart)
    {
        CheckNumber(one.Id);
        foreach (DateTimeOffset? time in new[] { one.RequestedAt, one.Deadline, one.ReadyAt, one.Claim?.TakenAt })
        {
            if (time is null || (time >= Earliest && time <= Latest)) continue;
            throw new FormatException($"reservation {one.Id} has the time {time:O}");
        }

        KiB minimum = Size(one.MinKib).CeilingToPage(), maximum = Size(one.MaxKib).CeilingToPage();
        if (minimum < KiB.Page || maximum < minimum)
        {
            throw new FormatException($"reservation {one.Id} is from {one.MinKib} to {one.MaxKib} KiB");
        }

        return new Reservation
        {
            Id = one.Id,
            Minimum = minimum,
            Maximum = maximum,
            Owner = one.Owner,
            For = one.For ?? "",
            Persistent = one.Persistent,
            RequestedAt = one.RequestedAt - clockStart,
            Deadline = one.Deadline - clockStart,
            ReadyAt = one.ReadyAt - clockStart,
            Overtaken = Size(one.OvertakenKib),
            State = one.Claim is null ? ReservationState.Gathering : ReservationState.Claimed,
            Claim = one.Claim is { } claim
                ? new ReservationClaim(
                    new DomainIdentity(claim.Domid, claim.Uuid),
                    Size(claim.HeldBeforeKib),
                    Size(claim.GrantedKib),
                    Size(claim.OwedKib),
                    claim.TakenAt - clockStart)
                : null,
        };
    }

    private static KiB Size(long kib) =>
        kib >= 0 && kib <= KiB.Largest.Value ? new KiB(kib) : throw new FormatException($"invalid size of {kib} KiB");

    private static void CheckNumber(long id)
    {
        if (id is < 1 or > LargestNumber) throw new FormatException($"invalid reservation number {id}");
    }
}
