using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// A way of balancing, put in charge of a simulated host: ours, or a peer's. It sees what it would see on a real host and nothing else (the oracle
/// excepted, which is made for the scenario and knows what comes). It is called by one thread, with snapshots in order of time.
/// </summary>
public interface IMemoryPolicy
{
    /// <summary>Looks at the host and decides.</summary>
    /// <param name="snapshot">The host now; reports carry <see cref="GuestVitals"/>.</param>
    /// <param name="waiting">Domains that someone wants to start and that do not fit yet, in the order in which they were asked for.</param>
    Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting);
}

/// <summary>What a policy does now, and when it wants to look again.</summary>
/// <param name="Commands">Carried out at once, in this order.</param>
/// <param name="LookAgainAfter">It looks again after this time at the latest, more than zero.</param>
/// <param name="WakeOnChange">Whether it looks earlier when a report arrives, a domain comes or goes, or a start is asked for.</param>
public readonly record struct Turn(ImmutableArray<HostCommand> Commands, TimeSpan LookAgainAfter, bool WakeOnChange = false);

/// <summary>A policy that estimates what guests use, so that what it believes can be held against what is so.</summary>
public interface IEstimatesWorkingSets
{
    /// <summary>
    /// What the policy took the domain to use when it last decided, in what the hypervisor holds; null where it knew nothing of it, and where it only took
    /// something for granted.
    /// </summary>
    KiB? Estimate(DomainIdentity domain);
}

/// <summary>A policy that samples what guests touch. Whoever puts it in charge of a machine tells it where to look.</summary>
public interface ISamplesTouchedMemory
{
    /// <summary>Samples from here on; without it the guests' own reports stand in.</summary>
    void SampleFrom(ITouchedMemory memory);
}

/// <summary>What a hypervisor finds out by itself about a guest's use of its memory, without asking the guest.</summary>
public interface ITouchedMemory
{
    /// <summary>How much of what the domain holds it touches within half a minute; null where that is not known.</summary>
    KiB? Touched(DomainIdentity domain);
}
