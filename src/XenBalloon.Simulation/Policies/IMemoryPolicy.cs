using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// A balancing policy in charge of a simulated host: XenBalloon's own or a peer's. It sees what it would see on a real
/// host. Only the oracle, which is created for one scenario, knows more. Called by one thread, with snapshots in order
/// of time.
/// </summary>
public interface IMemoryPolicy
{
    /// <summary>Makes one balancing pass.</summary>
    /// <param name="snapshot">The host now; its reports carry <see cref="GuestVitals"/>.</param>
    /// <param name="waiting">Requested starts that do not fit yet, in order of request.</param>
    PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting);
}

/// <summary>The result of one pass of a policy.</summary>
/// <param name="Commands">The commands, carried out at once and in this order.</param>
/// <param name="NextPassAfter">The next pass comes after this time at the latest; more than zero.</param>
/// <param name="WakeOnChange">
/// Whether the next pass comes earlier when a report arrives, a domain appears or disappears, or a start is requested.
/// </param>
public readonly record struct PolicyDecision(
    ImmutableArray<HostCommand> Commands, TimeSpan NextPassAfter, bool WakeOnChange = false);

/// <summary>A policy that estimates working sets. The estimates are compared with what guests need.</summary>
internal interface IWorkingSetEstimator
{
    /// <summary>
    /// The estimate of the last pass, measured as memory that the hypervisor holds for the domain; null where the
    /// policy has none or only assumes a value.
    /// </summary>
    KiB? WorkingSet(DomainIdentity domain);
}

/// <summary>
/// A policy that samples the memory that guests touch. The simulation run connects it to the machine.
/// </summary>
internal interface IPageSamplingPolicy
{
    /// <summary>Sets the sampler. Without one, the policy uses the guests' own reports.</summary>
    void SampleFrom(IPageSampler memory);
}

/// <summary>What a hypervisor can measure of a guest's memory use without the guest's help.</summary>
internal interface IPageSampler
{
    /// <summary>The memory of the domain that it touches within half a minute; null if unknown.</summary>
    KiB? Touched(DomainIdentity domain);
}
