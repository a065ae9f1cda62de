using XenBalloon.Bus;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli;

/// <summary>The daemon, on the system bus.</summary>
internal static class Daemon
{
    /// <exception cref="BalloonClientException">There is no bus.</exception>
    internal static BalloonClient Connect() => BalloonClient.Connect(new BusOptions());
}
