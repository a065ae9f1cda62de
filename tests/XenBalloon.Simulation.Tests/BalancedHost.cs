using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests;

/// <summary>The balancer itself on a simulated host, stepped as the daemon does: at every change, and once a second.</summary>
internal static class BalancedHost
{
    public static void Balance(VirtualHost host, TimeSpan time)
    {
        var balancer = new Balancer();
        BalancerSettings settings = FairSharePolicy.SettingsOf(host.Host.Scenario);
        for (int tenth = 0; tenth < time.TotalSeconds * 10; tenth++)
        {
            if (tenth % 10 == 0 || host.Host.WaitForChangeAsync(CancellationToken.None).IsCompleted)
            {
                foreach (HostCommand command in balancer.Step(host.Host.Observe(), settings).Commands) host.Host.Execute(command);
            }

            host.Run(0.1);
        }
    }
}
