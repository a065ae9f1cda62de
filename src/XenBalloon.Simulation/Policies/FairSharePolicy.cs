using System.Collections.Immutable;
using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// XenBalloon's balancer in charge of a simulated host, called as often as the daemon calls it. Waiting starts get
/// reservations.
/// </summary>
internal sealed class FairSharePolicy(BalancerSettings settings) : IMemoryPolicy, IWorkingSetEstimator
{
    private static readonly TimeSpan WhileMoving = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AtRest = TimeSpan.FromSeconds(5);

    private readonly Balancer balancer = new();
    private readonly StartReservations starts = new();
    private ImmutableArray<DomainDecision> decisions = [];

    /// <summary>The configuration that an administrator of the scenario's host would write.</summary>
    public static BalancerSettings SettingsOf(Scenario scenario) => new()
    {
        Slack = scenario.Slack,
        KeepFree = scenario.KeepFree,
        Rules = [.. scenario.Guests.Select(RuleOf)],
    };

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        balancer.Reservations = starts.BringUpToDate(balancer.Reservations, snapshot, waiting);
        Plan plan = balancer.Step(snapshot, settings);
        decisions = plan.Domains;
        return new PolicyDecision(plan.Commands, plan.IsMoving ? WhileMoving : AtRest, WakeOnChange: true);
    }

    /// <inheritdoc/>
    public KiB? WorkingSet(DomainIdentity domain)
    {
        foreach (DomainDecision decision in decisions)
        {
            // For a guest that does not report, the balancer only assumes that it uses its target.
            if (decision.Domain.Identity == domain)
                return decision.Demand is { Verdict: ReportVerdict.Fresh } demand ? demand.InUse + demand.Offset : null;
        }

        return null;
    }

    private static DomainRule RuleOf(GuestDescription guest) =>
        new(guest.Name, new DomainSettings { Minimum = guest.Minimum, Maximum = guest.Maximum, Weight = guest.Weight });
}

/// <summary>
/// Reserves memory for waiting starts and hands each reservation to the new domain, as <c>xenballoon run</c> does.
/// </summary>
internal sealed class StartReservations
{
    private readonly Dictionary<string, long> known = [];

    /// <summary>
    /// Returns the book with one reservation for each waiting start and none for starts that no longer wait.
    /// </summary>
    internal ReservationBook BringUpToDate(
        ReservationBook book, HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        foreach (
            (string name, long id) in known.Where(entry => waiting.All(start => start.Name != entry.Key)).ToArray())
        {
            known.Remove(name);
            DomainSnapshot? domain = snapshot.Domains.FirstOrDefault(candidate => candidate.Name == name);
            BookChange? claimed = domain is null ? null : book.Claim(id, domain.Identity, KiB.Zero, snapshot.At);
            book = claimed is { Error: null } ? claimed.Value.Book : book.Cancel(id).Book;
        }

        foreach (StartRequest start in waiting.Where(start => !known.ContainsKey(start.Name)))
        {
            KiB needed = start.Needed.CeilingToPage();
            BookChange requested = book.Request(new ReservationRequest(needed, needed, start.Name), snapshot.At);
            if (requested.Error is not null) continue;
            known.Add(start.Name, requested.Changed[0].Id);
            book = requested.Book;
        }

        return book;
    }
}
