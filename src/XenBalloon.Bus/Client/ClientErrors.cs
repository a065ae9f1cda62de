using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.Objects;
using XenBalloon.Bus.SdBus;

namespace XenBalloon.Bus.Client;

/// <summary>The one place that says what a failure means to whoever asked.</summary>
internal static class ClientErrors
{
    internal static BalloonClientException From(BusUnavailableException exception)
    {
        BalloonClientCause cause = exception.Cause switch
        {
            BusUnavailableCause.NoBus or BusUnavailableCause.Lost => BalloonClientCause.DaemonAbsent,
            BusUnavailableCause.Denied => BalloonClientCause.AccessDenied,
            _ => BalloonClientCause.Failed,
        };
        return new BalloonClientException(cause, exception.Message, exception);
    }

    internal static BalloonClientException From(CallErrorException exception) => exception.Name switch
    {
        ErrorNames.ServiceUnknown or ErrorNames.NameHasNoOwner => new BalloonClientException(
            BalloonClientCause.DaemonAbsent,
            $"xenballoond does not run (nobody owns {Names.Service}): start it (systemctl start xenballoond)",
            exception),
        ErrorNames.Disconnected => new BalloonClientException(
            BalloonClientCause.DaemonAbsent, "the system bus has closed the connection: is dbus running?", exception),
        ErrorNames.NoReply or ErrorNames.Timeout => new BalloonClientException(
            BalloonClientCause.Failed,
            $"xenballoond did not answer ({exception.Message}): see its log (journalctl -u xenballoond)",
            exception),
        ErrorNames.AccessDenied => new BalloonClientException(BalloonClientCause.AccessDenied, exception.Message, exception),
        ErrorNames.NoSuchDomain => new BalloonClientException(BalloonClientCause.NoSuchDomain, exception.Message, exception),
        ErrorNames.UnknownObject => new BalloonClientException(BalloonClientCause.NoSuchObject, exception.Message, exception),
        ErrorNames.NotReady => new BalloonClientException(BalloonClientCause.NotReady, exception.Message, exception),
        ErrorNames.NotEnoughMemory or ErrorNames.DomainsRefused => new BalloonClientException(BalloonClientCause.NotEnoughMemory, exception.Message, exception),
        _ => new BalloonClientException(BalloonClientCause.Failed, exception.Message, exception),
    };

    internal static BalloonClientException From(SdBusException exception, BusOptions options) => exception.Errno switch
    {
        Errno.InputOutput or Errno.BadMessage or Errno.InvalidArgument or Errno.OtherType => new BalloonClientException(
            BalloonClientCause.Failed, "xenballoond answered what this command does not understand: are they of one version?", exception),
        Errno.TimedOut => new BalloonClientException(
            BalloonClientCause.Failed, "xenballoond did not answer: see its log (journalctl -u xenballoond)", exception),
        _ => From(Connecting.Unreachable(exception, options)),
    };
}
