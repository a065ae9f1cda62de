using Microsoft.Extensions.Logging;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Logging;

/// <summary>Every message that the daemon can log: one line for each decision that changed something, and nothing when all is quiet.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "xenballoond {Version} on {Host}, mode {Mode}: {Domains} domains, {Free} of {Total} free")]
    internal static partial void Started(this ILogger logger, string version, string host, BalancerMode mode, int domains, KiB free, KiB total);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopped; every domain keeps its target")]
    internal static partial void Stopped(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} ({Domid}): {Reason}")]
    internal static partial void Moved(this ILogger logger, string name, int domid, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} ({Domid}) was left alone: it is gone, or another domain has its number")]
    internal static partial void DomainGone(this ILogger logger, string name, int domid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} ({Domid}): {Command} refused: {Detail}; trying again with each step")]
    internal static partial void Refused(this ILogger logger, string name, int domid, HostCommandKind command, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "alarm: {Alarm}")]
    internal static partial void Alarm(this ILogger logger, string alarm);

    [LoggerMessage(Level = LogLevel.Information, Message = "the alarm is over")]
    internal static partial void AlarmOver(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "mode is now {Mode}")]
    internal static partial void ModeChanged(this ILogger logger, BalancerMode mode);

    [LoggerMessage(Level = LogLevel.Information, Message = "configuration reloaded from {Path}")]
    internal static partial void Reloaded(this ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "configuration not reloaded, the old settings stay: {Errors}")]
    internal static partial void ReloadFailed(this ILogger logger, string errors);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}; exiting, so that the service manager starts us anew")]
    internal static partial void HostLost(this ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "this look at the host failed, nothing was changed: {Message}")]
    internal static partial void StepFailed(this ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "no look at the host has succeeded for {Times} times in a row: giving up")]
    internal static partial void GivingUp(this ILogger logger, int times, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "a fault in xenballoond itself; exiting, every domain keeps its target; please report this")]
    internal static partial void Broken(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Message}; balancing goes on without it, and it is tried again from time to time")]
    internal static partial void BusLost(this ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Information, Message = "the control bus is back")]
    internal static partial void BusBack(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "policy is now {Policy}")]
    internal static partial void PolicyChanged(this ILogger logger, string policy);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} ({Domid}): {Change}")]
    internal static partial void DomainSet(this ILogger logger, string name, int domid, string change);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} ({Domid}): unpinned")]
    internal static partial void Unpinned(this ILogger logger, string name, int domid);

    [LoggerMessage(Level = LogLevel.Information, Message = "reservation {Id}: {Minimum} for {Owner}")]
    internal static partial void Reserving(this ILogger logger, long id, KiB minimum, string owner);

    [LoggerMessage(Level = LogLevel.Information, Message = "reservation {Id} given to {Name} ({Domid})")]
    internal static partial void Transferred(this ILogger logger, long id, string name, int domid);

    [LoggerMessage(Level = LogLevel.Information, Message = "reservation {Id} has ended: {State}; {Explanation}")]
    internal static partial void ReservationEnded(this ILogger logger, long id, ReservationState state, string explanation);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "what the daemon before us knew cannot be read from {Path}: {Why}; settings and reservations begin anew, and the file is kept as {Aside}: to have them back, "
            + "stop xenballoond, mend it, name it as it was and start again")]
    internal static partial void StateUnreadable(this ILogger logger, string path, string why, string aside);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "what the daemon before us knew cannot be read from {Path}: {Why}; settings and reservations begin anew, and are not kept until that file is out of the way: "
            + "it cannot be put aside ({WhyNot})")]
    internal static partial void StateStays(this ILogger logger, string path, string why, string whyNot);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Path} cannot be written ({Why}), so reservations and targets set by others would be forgotten with our end: make room there; it is tried again with each step")]
    internal static partial void StateNotWritten(this ILogger logger, string path, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} is written again")]
    internal static partial void StateWrittenAgain(this ILogger logger, string path);
}
