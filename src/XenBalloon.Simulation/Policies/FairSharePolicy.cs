using System.Collections.Immutable;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Core;
using XenBalloon.Simulation.Guests;

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

/// <summary>Does what <c>xenballoon run</c> does on a real host: reserves for whoever waits to start, and hands the reservation over to the new domain.</summary>
internal sealed class StartReservations
{
    private readonly Dictionary<string, long> known = [];

    /// <summary>The book with a reservation for each start that waits, and none for those that wait no longer.</summary>
    internal ReservationBook BringUpToDate(ReservationBook book, HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        foreach ((string name, long id) in known.Where(one => waiting.All(start => start.Name != one.Key)).ToArray())
        {
            known.Remove(name);
            DomainSnapshot? domain = snapshot.Domains.FirstOrDefault(one => one.Name == name);
            BookChange? claimed = domain is null ? null : book.Claim(id, domain.Identity, KiB.Zero, snapshot.At);
            book = claimed is { Error: null } ? claimed.Value.Book : book.Cancel(id).Book;
        }

        foreach (StartRequest start in waiting.Where(start => !known.ContainsKey(start.Name)))
        {
            KiB needed = start.Needed.CeilingToPage();
            BookChange asked = book.Request(new ReservationRequest(needed, needed, start.Name), snapshot.At);
            if (asked.Error is not null) continue;
            known.Add(start.Name, asked.Concerned[0].Id);
            book = asked.Book;
        }

        return book;
    }
}
