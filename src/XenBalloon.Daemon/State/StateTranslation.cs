using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Daemon.State;

/// <summary>Between what is remembered and how the file holds it.</summary>
internal static class StateTranslation
{
    internal static StateFile ToFile(RememberedState state, string bootId) => new()
    {
        Version = StateFile.CurrentVersion,
        BootId = bootId,
        Settings = [.. state.Settings.Select(one => StateSettings.Of(one.Key, NameOf(state, one.Key), one.Value)).OrderBy(one => one.Uuid)],
        Overrides = [.. state.Overrides.Select(one => new StateOverride(one.Key.Domid, one.Key.Uuid, one.Value.Value)).OrderBy(one => one.Domid)],
        LastReservation = state.Book.LastId,
        Reservations = [.. state.Book.Open.Select(one => ToFile(one, state.ClockStart))],
    };

    /// <summary>What the file says. After another boot of the host, only what is meant to last is left of it.</summary>
    /// <exception cref="FormatException">Something in it cannot be meant.</exception>
    internal static RememberedState FromFile(StateFile file, string bootId)
    {
        StateCheck.Check(file);
        bool sameBoot = file.BootId == bootId;
        var clockStart = DateTimeOffset.UnixEpoch;
        try
        {
            return new RememberedState(
                file.Settings.ToImmutableDictionary(one => one.Uuid, one => one.ToSettings()),
                sameBoot ? file.Overrides.ToImmutableDictionary(one => new DomainIdentity(one.Domid, one.Uuid), one => StateSizes.Check(one.TargetKib)) : RememberedState.Nothing.Overrides,
                [],
                ReservationBook.Restore(file.Reservations.Where(one => sameBoot || (one.Persistent && one.Claim is null)).Select(one => FromFile(one, clockStart)), file.LastReservation),
                clockStart);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    private static string? NameOf(RememberedState state, Guid uuid) => state.Domains.Select(one => one.Domain).FirstOrDefault(one => one.Identity.Uuid == uuid)?.Name;

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
            ? new StateClaim(claim.Domain.Domid, claim.Domain.Uuid, claim.HeldBefore.Value, claim.Granted.Value, claim.Owed.Value, clockStart + claim.TakenAt)
            : null,
    };

    private static Reservation FromFile(StateReservation one, DateTimeOffset clockStart)
    {
        KiB minimum = StateSizes.Check(one.MinKib).CeilingToPage(), maximum = StateSizes.Check(one.MaxKib).CeilingToPage();
        if (minimum < KiB.Page || maximum < minimum) throw new FormatException($"reservation {one.Id} is from {one.MinKib} to {one.MaxKib} KiB");
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
            Overtaken = StateSizes.Check(one.OvertakenKib),
            State = one.Claim is null ? ReservationState.Gathering : ReservationState.Claimed,
            Claim = one.Claim is { } claim
                ? new ReservationClaim(
                    new DomainIdentity(claim.Domid, claim.Uuid),
                    StateSizes.Check(claim.HeldBeforeKib),
                    StateSizes.Check(claim.GrantedKib),
                    StateSizes.Check(claim.OwedKib),
                    claim.TakenAt - clockStart)
                : null,
        };
    }
}
