using Microsoft.Extensions.Logging;
using XenBalloon.Core.Memory;
using static Microsoft.Extensions.Logging.LogLevel;

namespace XenBalloon.Daemon.Logging;

/// <summary>
/// All messages of the daemon: one line for each decision that changes something, and none while nothing changes. The
/// number and the name of an event, which is the method's name, and its parameters are part of the interface, listed in
/// xenballoond(8): they are never changed or used again for something else. Values of enumerations are logged as on the
/// bus (<c>EnumText</c>).
/// </summary>
internal static partial class DaemonLog
{
    [LoggerMessage(
        100, Information, "xenballoond {Version} on {Host}, mode {Mode}: {Domains} domains, {Free} of {Total} free")]
    internal static partial void Started(
        this ILogger logger, string version, string host, string mode, int domains, KiB free, KiB total);

    [LoggerMessage(101, Information, "stopped; every domain keeps its target")]
    internal static partial void Stopped(this ILogger logger);

    [LoggerMessage(102, Error, "{Error}; exiting, so that the service manager restarts xenballoond")]
    internal static partial void HostLost(this ILogger logger, string error);

    [LoggerMessage(103, Warning, "balancing pass failed: {Error}; retrying")]
    internal static partial void PassFailed(this ILogger logger, string error);

    [LoggerMessage(104, Error, "{Passes} balancing passes failed in a row; exiting; every domain keeps its target")]
    internal static partial void TooManyFailures(this ILogger logger, int passes, Exception exception);

    [LoggerMessage(
        105, Error, "internal error; exiting; every domain keeps its target; please report this as a bug")]
    internal static partial void InternalError(this ILogger logger, Exception exception);

    [LoggerMessage(110, Warning, "{Error}; balancing continues without the control bus; retrying to connect")]
    internal static partial void BusLost(this ILogger logger, string error);

    [LoggerMessage(111, Information, "connected to the control bus again")]
    internal static partial void BusRestored(this ILogger logger);

    [LoggerMessage(120, Information, "mode changed to {Mode} by {By}")]
    internal static partial void ModeChanged(this ILogger logger, string mode, string by);

    [LoggerMessage(121, Information, "policy changed to {Policy} by {By}")]
    internal static partial void PolicyChanged(this ILogger logger, string policy, string by);

    [LoggerMessage(122, Information, "configuration reloaded from {Path} by {By}")]
    internal static partial void ConfigurationReloaded(this ILogger logger, string path, string by);

    [LoggerMessage(123, Error, "configuration not reloaded, the old settings stay in force: {Errors}")]
    internal static partial void ReloadFailed(this ILogger logger, string errors);

    [LoggerMessage(
        124, Warning, "cannot write the log file {Path}: {Error}; its entries are lost until it is writable")]
    internal static partial void LogFileFailed(this ILogger logger, string path, string error);

    [LoggerMessage(125, Error, "the mode is observe: {Reason}")]
    internal static partial void ActiveRefused(this ILogger logger, string reason);

    [LoggerMessage(
        130,
        Information,
        "giving every domain back what it booted with, for at most {Limit} s; then {Next} (requested by {By})")]
    internal static partial void Restoring(this ILogger logger, double limit, string next, string by);

    [LoggerMessage(131, Information, "every domain has at least what it booted with")]
    internal static partial void Restored(this ILogger logger);

    [LoggerMessage(132, Warning, "not restored: {Domain}")]
    internal static partial void NotRestored(this ILogger logger, string domain);

    [LoggerMessage(200, Information, "{Domain} ({Domid}): {Reason}")]
    internal static partial void TargetChanged(this ILogger logger, string domain, int domid, string reason);

    [LoggerMessage(201, Information, "{Domain} ({Domid}): not changed, the domain no longer exists")]
    internal static partial void DomainGone(this ILogger logger, string domain, int domid);

    [LoggerMessage(202, Warning, "{Domain} ({Domid}): {Command} refused: {Error}; retrying at every pass")]
    internal static partial void CommandRefused(
        this ILogger logger, string domain, int domid, string command, string error);

    [LoggerMessage(203, Information, "{Domain} ({Domid}): {Change}, by {By}")]
    internal static partial void DomainSettingChanged(
        this ILogger logger, string domain, int domid, string change, string by);

    [LoggerMessage(204, Information, "{Domain} ({Domid}): unpinned by {By}")]
    internal static partial void DomainUnpinned(this ILogger logger, string domain, int domid, string by);

    [LoggerMessage(205, Information, "{Domain} ({Domid}): left alone while {By} saves or migrates it")]
    internal static partial void DomainHeld(this ILogger logger, string domain, int domid, string by);

    [LoggerMessage(206, Warning, "{Domain} ({Domid}): {Conflict}")]
    internal static partial void SettingNotInForce(this ILogger logger, string domain, int domid, string conflict);

    [LoggerMessage(210, Warning, "alarm: {Alarm}")]
    internal static partial void AlarmRaised(this ILogger logger, string alarm);

    [LoggerMessage(211, Information, "alarm cleared")]
    internal static partial void AlarmCleared(this ILogger logger);

    [LoggerMessage(220, Warning, "{Domain} ({Domid}): alarm {Alarm}: {Reason}; {Remedy}")]
    internal static partial void DomainAlarmRaised(
        this ILogger logger, string domain, int domid, string alarm, string reason, string remedy);

    [LoggerMessage(221, Information, "{Domain} ({Domid}): alarm {Alarm} cleared")]
    internal static partial void DomainAlarmCleared(this ILogger logger, string domain, int domid, string alarm);

    [LoggerMessage(300, Information, "reservation {Reservation} of {Minimum} for {For} created by {By}")]
    internal static partial void ReservationCreated(
        this ILogger logger, long reservation, KiB minimum, string @for, string by);

    [LoggerMessage(301, Information, "reservation {Reservation} transferred to {Domain} ({Domid}) by {By}")]
    internal static partial void ReservationTransferred(
        this ILogger logger, long reservation, string domain, int domid, string by);

    [LoggerMessage(302, Information, "reservation {Reservation} has ended: {State}; {Explanation}")]
    internal static partial void ReservationEnded(
        this ILogger logger, long reservation, string state, string explanation);

    [LoggerMessage(303, Information, "reservation {Reservation} cancelled by {By}")]
    internal static partial void ReservationCancelled(this ILogger logger, long reservation, string by);

    [LoggerMessage(
        400,
        Error,
        "cannot read the saved state in {Path}: {Error}; starting without saved settings and reservations; the file "
            + "was renamed to {Backup}: to restore it, stop xenballoond, correct the file, rename it back and start "
            + "again")]
    internal static partial void StateUnreadable(this ILogger logger, string path, string error, string backup);

    [LoggerMessage(
        401,
        Error,
        "cannot read the saved state in {Path}: {Error}; starting without saved settings and reservations, and nothing "
            + "is saved until the file is removed: it cannot be renamed ({RenameError})")]
    internal static partial void StateNotBackedUp(this ILogger logger, string path, string error, string renameError);

    [LoggerMessage(
        402,
        Error,
        "cannot write {Path} ({Error}): reservations and the targets set by other tools are lost when xenballoond "
            + "stops; free disk space there; retrying at every pass")]
    internal static partial void StateNotSaved(this ILogger logger, string path, string error);

    [LoggerMessage(403, Information, "the state is saved in {Path} again")]
    internal static partial void StateSavedAgain(this ILogger logger, string path);
}
