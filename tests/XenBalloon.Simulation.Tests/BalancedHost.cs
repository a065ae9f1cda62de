using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Simulation.Tests;

/// <summary>The balancer itself on a simulated host, stepped as the daemon does: at every change, and once a second.</summary>
internal static class BalancedHost
{
    public static void Balance(VirtualHost host, TimeSpan time)
    {
        BalancerState state = BalancerState.Empty;
        for (int tenth = 0; tenth < time.TotalSeconds * 10; tenth++)
        {
            if (tenth % 10 == 0 || host.Host.WaitForChangeAsync(CancellationToken.None).IsCompleted)
            {
                BalancerStep step = Balancer.Step(state, host.Host.Observe(), new BalancerSettings());
                state = step.State;
                foreach (HostCommand command in step.Plan.Commands) host.Host.Execute(command);
            }

            host.Run(0.1);
        }
    }
}
