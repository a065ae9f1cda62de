using XenBalloon.Bus;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli;

/// <summary>The daemon, on the system bus.</summary>
internal static class Daemon
{
    /// <param name="host">Another host to ask, as ssh takes it; null for this one.</param>
    /// <exception cref="ControlException">There is no bus.</exception>
    internal static BalloonClient Connect(string? host) =>
        host is null ? BalloonClient.Connect() : BalloonClient.ConnectTo(host);
}
