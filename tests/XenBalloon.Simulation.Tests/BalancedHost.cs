using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Simulation.Tests;

/// <summary>The balancer itself on a simulated host, stepped as the daemon does: at every change, and once a second.</summary>
internal static class BalancedHost
{
    public static void Balance(VirtualHost host, TimeSpan time)
    {
        var balancer = new Balancer();
        for (int tenth = 0; tenth < time.TotalSeconds * 10; tenth++)
        {
            if (tenth % 10 == 0 || host.Host.WaitForChangeAsync(CancellationToken.None).IsCompleted)
            {
                foreach (HostCommand command in balancer.Step(host.Host.Observe(), new BalancerSettings()).Commands) host.Host.Execute(command);
            }

            host.Run(0.1);
        }
    }
}
