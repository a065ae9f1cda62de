using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Client;

/// <summary>Translates failures of calls: what is wrong, and what to do.</summary>
internal static class ClientErrors
{
    /// <summary>An error reply from the daemon or the bus.</summary>
    internal static ControlException FromReply(DBusErrorReplyException exception, CallTarget? target) =>
        exception.ErrorName switch
        {
            BusErrors.ServiceUnknown or BusErrors.NameHasNoOwner => new ControlException(
                ControlError.Unreachable,
                $"xenballoond does not run ({BusNames.Service} has no owner): "
                + "start it (systemctl start xenballoond)",
                exception),
            BusErrors.UnknownMethod or BusErrors.UnknownInterface => UnexpectedReply(exception),
            BusErrors.NoReply => new ControlException(
                ControlError.Failed,
                $"xenballoond did not answer ({exception.ErrorMessage}): see its log (journalctl -u xenballoond)",
                exception),
            BusErrors.UnknownObject when target is not null => new ControlException(
                target.Missing, $"{target.Name} does not exist: see '{target.Command}'", exception),
            _ => new ControlException(ControlErrors.Of(exception.ErrorName), exception.ErrorMessage, exception),
        };

    /// <summary>The bus cannot be reached.</summary>
    internal static ControlException Unreachable(BusUnavailableException exception) => new(
        exception.Cause == BusUnavailableCause.Denied ? ControlError.AccessDenied : ControlError.Unreachable,
        exception.Message,
        exception);

    /// <summary>The daemon does not know the call, or its reply has the wrong type.</summary>
    internal static ControlException UnexpectedReply(Exception? exception = null) => new(
        ControlError.Failed,
        "xenballoond and this command are incompatible: install the same version of both",
        exception);
}

/// <summary>The object that a call changes.</summary>
/// <param name="Missing">The error if it does not exist.</param>
/// <param name="Name">Its name in messages.</param>
/// <param name="Command">A command that lists the existing ones.</param>
internal sealed record CallTarget(ControlError Missing, string Name, string Command)
{
    internal static CallTarget Domain(uint domid) =>
        new(ControlError.NoSuchDomain, $"domain {domid}", "xenballoon list");

    internal static CallTarget Reservation(long id) =>
        new(ControlError.NoSuchReservation, $"reservation {id}", "xenballoon reservations");
}
