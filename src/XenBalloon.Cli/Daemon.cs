using XenBalloon.Bus;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli;

/// <summary>The daemon, on the system bus.</summary>
internal static class Daemon
{
    /// <param name="host">Another host that is meant, as ssh takes it; null for this one.</param>
    /// <exception cref="BalloonClientException">There is no bus.</exception>
    internal static BalloonClient Connect(string? host) => BalloonClient.Connect(new BusOptions { Host = host });
}
