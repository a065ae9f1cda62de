using System.Collections.Immutable;
using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>The balancer itself in charge of a simulated host, asked as often as the daemon asks it; who waits to start has a reservation.</summary>
internal sealed class FairSharePolicy(BalancerSettings settings) : IMemoryPolicy, IEstimatesWorkingSets
{
    private static readonly TimeSpan WhileMoving = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AtRest = TimeSpan.FromSeconds(5);

    private readonly Balancer balancer = new();
    private readonly StartReservations starts = new();
    private ImmutableArray<DomainDecision> decisions = [];

    /// <summary>What an administrator of the scenario's host would have configured.</summary>
    public static BalancerSettings SettingsOf(Scenario scenario) => new()
    {
        Slack = scenario.Slack,
        KeepFree = scenario.KeepFree,
        Rules = [.. scenario.Guests.Select(RuleOf)],
    };

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        balancer.Reservations = starts.BringUpToDate(balancer.Reservations, snapshot, waiting);
        Plan plan = balancer.Step(snapshot, settings);
        decisions = plan.Domains;
        return new Turn(plan.Commands, plan.IsMoving ? WhileMoving : AtRest, WakeOnChange: true);
    }

    /// <inheritdoc/>
    public KiB? Estimate(DomainIdentity domain)
    {
        foreach (DomainDecision decision in decisions)
        {
            // Of a guest that says nothing its target is taken for granted.
            if (decision.Domain.Identity == domain) return decision.Demand is { Verdict: ReportVerdict.Fresh } demand ? demand.InUse : null;
        }

        return null;
    }

    private static DomainRule RuleOf(GuestDescription guest) =>
        new(guest.Name, new DomainSettings { Minimum = guest.Minimum, Maximum = guest.Maximum, Weight = guest.Weight });
}
