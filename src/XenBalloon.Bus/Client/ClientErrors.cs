using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Client;

/// <summary>What a failed call means, and what to do.</summary>
internal static class ClientErrors
{
    /// <summary>The daemon, or the bus, answered with an error.</summary>
    internal static ControlException Refused(DBusErrorReplyException exception, CallSubject? subject) =>
        exception.ErrorName switch
        {
            BusErrors.ServiceUnknown or BusErrors.NameHasNoOwner => new ControlException(
                ControlError.Unreachable,
                $"xenballoond does not run (nobody owns {BusNames.Service}): "
                + "start it (systemctl start xenballoond)",
                exception),
            BusErrors.UnknownMethod or BusErrors.UnknownInterface => NotUnderstood(exception),
            BusErrors.NoReply => new ControlException(
                ControlError.Failed,
                $"xenballoond did not answer ({exception.ErrorMessage}): see its log (journalctl -u xenballoond)",
                exception),
            BusErrors.UnknownObject when subject is not null => new ControlException(
                subject.Gone, $"there is no {subject.Name}, or no longer: see '{subject.Command}'", exception),
            _ => new ControlException(ControlErrors.Of(exception.ErrorName), exception.ErrorMessage, exception),
        };

    /// <summary>There is no bus.</summary>
    internal static ControlException Unreachable(BusUnavailableException exception) => new(
        exception.Cause == BusUnavailableCause.Denied ? ControlError.AccessDenied : ControlError.Unreachable,
        exception.Message,
        exception);

    /// <summary>The answer is not of the kind that was asked for.</summary>
    internal static ControlException NotUnderstood(Exception? exception = null) => new(
        ControlError.Failed,
        "xenballoond and this command do not understand each other: install the same version of both",
        exception);
}

/// <summary>What a call changes, and what it means that this is not there.</summary>
internal sealed record CallSubject(ControlError Gone, string Name, string Command)
{
    internal static CallSubject Domain(uint domid) =>
        new(ControlError.NoSuchDomain, $"domain {domid}", "xenballoon list");

    internal static CallSubject Reservation(long id) =>
        new(ControlError.NoSuchReservation, $"reservation {id}", "xenballoon reservations");
}
