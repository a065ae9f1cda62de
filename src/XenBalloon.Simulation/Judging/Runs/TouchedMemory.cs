using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Esx;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>What sampling would find in simulated guests: they touch all of what they work with every few seconds, so it finds as much of that as is there.</summary>
internal sealed class TouchedMemory(Machine machine) : ITouchedMemory
{
    /// <inheritdoc/>
    public KiB? Touched(DomainIdentity domain)
    {
        foreach (SimulatedGuest guest in machine.Guests)
        {
            if (guest.Identity == domain && guest.State == GuestState.Running) return KiB.Min(guest.Actual, guest.Needed);
        }

        return null;
    }
}
