using CsCheck;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>Properties of every plan, for hostile and inconsistent sequences of snapshots.</summary>
public sealed class BalancerPropertyTests
{
    [Test]
    public void No_plan_promises_memory_that_is_not_free() => ForEachStep((snapshot, settings, plan) =>
    {
        KiB growth = Sum(
            plan.Domains,
            decision =>
                KiB.Max(
                    KiB.Zero, (decision.Target ?? KiB.Zero) - (decision.Domain.Target ?? decision.Target ?? KiB.Zero)
                        - RestoredTo(decision)));

        // A nudge of a stuck balloon is one page up, for a balloon above its target: it takes no memory.
        KiB nudges = Sum(plan.Domains.Where(decision => decision.Reason.Kind == ReasonKind.Stuck), _ => KiB.Page);
        return growth <= KiB.Max(KiB.Zero, snapshot.Free - settings.Slack - plan.Host.Reserved) + nudges;
    });

    [Test]
    public void No_plan_shrinks_a_domain_below_its_floor_or_its_minimum() => ForEachStep((_, _, plan) =>
        plan.Domains.Where(
            decision => decision.Target < decision.Domain.Target && decision.Reason.Kind == ReasonKind.Shrinking)
            .All(decision => decision.Target >= decision.Demand!.Value.Floor && decision.Target >= decision.Minimum));

    [Test]
    public void Pressed_memory_fits_into_swap_and_leaves_the_domain_its_share() => HostileHistory.All.Sample(
        history =>
        {
            var words = new LastReports();
            return history.Holds((snapshot, settings, plan) =>
            {
                words.Hear(snapshot);
                return plan.Domains.Where(decision => decision.Reason.Kind == ReasonKind.Pressed).All(decision =>
                    settings.PressToShare
                    && decision.Target >= KiB.Max(decision.Minimum, decision.Entitlement!.Value)
                    && words.MayPress(decision, settings.For(decision.Domain.Identity, decision.Domain.Name).Swap));
            });
        },
        iter: Check.Iter * 30);

    [Test]
    public void No_plan_raises_a_domain_above_its_maximum() => ForEachStep((_, _, plan) =>
        plan.Domains.Where(
            decision => decision.Target > decision.Domain.Target && decision.Reason.Kind != ReasonKind.Stuck).All(
            decision => decision.Target <= decision.Maximum));

    [Test]
    public void Every_other_step_down_revokes_a_promise_and_leaves_the_domain_what_it_holds() =>
        ForEachStep((_, _, plan) =>
        plan.Domains.Where(
            decision =>
                decision.Reason.Kind is not (ReasonKind.Shrinking or ReasonKind.Pressed)
                    && decision.Target < decision.Domain.Target)
            .All(
                decision =>
                    decision.Target >= KiB.Min(
                        decision.Domain.Target!.Value - KiB.Page, decision.Domain.Actual.FloorToPage())));

    [Test]
    public void Domain_that_is_not_read_again_is_decided_as_if_it_were() => HostileHistory.All.Sample(
        history =>
        {
            Balancer resuming = new(), reading = new();
            return Array.TrueForAll(history.Steps, step => Array.TrueForAll(Moments(step), moment =>
            {
                HostSnapshot copy = moment.Host with { Domains = [.. moment.Host.Domains.Select(Copy)] };
                Plan plan = moment.Decide(resuming, history.Settings);
                Plan expected = (moment with { Host = copy }).Decide(reading, history.Settings);
                return plan.Domains.SequenceEqual(expected.Domains)
                    && plan.Commands.SequenceEqual(expected.Commands)
                    && (plan.Host, plan.IsMoving) == (expected.Host, expected.IsMoving);
            }));
        },
        iter: Check.Iter * 10);

    [Test]
    public void Silent_guest_at_its_usual_offset_is_never_lowered() =>
        (from videoRamMib in Gen.Long[0, 256]
         from offsetMib in Gen.Long[-16, 300]
         from seconds in Gen.Int[1, 15].Array[60]
         select (videoRamMib, offsetMib, seconds)).Sample((videoRamMib, offsetMib, seconds) =>
         {
             HostBuilder host = new HostBuilder().With(1, 900, 2048, DomainKind.Hvm).WithFree(500);
             host[1] = host[1] with { VideoRam = KiB.FromMiB(videoRamMib) };
             foreach (int pause in seconds)
             {
                 host[1] = host[1] with
                 {
                     Actual = host[1].Target!.Value + KiB.FromMiB(offsetMib),
                     MaxMem = KiB.FromMiB(2500),
                 };
                 host.Passes(pause).Act();
                 if (host[1].Target < KiB.FromMiB(900) - KiB.Page) return false;
             }

             return true;
         });

    [Test]
    public void No_plan_touches_a_domain_that_is_unmanaged_or_does_not_run() => ForEachStep((_, _, plan) =>
        plan.Commands.All(command =>
        {
            DomainDecision decision = plan.Domains.Single(domain => domain.Domain.Identity == command.Domain);
            bool clips = command.Kind == HostCommandKind.SetMaxMem && command.Value < decision.Domain.MaxMem;
            return decision.Managed
                && (
                    clips
                        || (
                            decision.Domain.Lifecycle == DomainLifecycle.Running
                                && decision.Domain.Target is not null));
        }));

    [Test]
    public void No_plan_moves_a_domain_with_a_device() => ForEachStep((_, _, plan) =>
        Moves(plan, domain => domain.HasPassthrough).All(moves => moves.Length == 0));

    [Test]
    public void Domain_with_unpopulated_memory_is_only_grown_back_to_its_boot_memory() => ForEachStep((_, _, plan) =>
        Moves(plan, domain => domain.PopulatesOnDemand).Where(moves => moves.Length > 0).All(
            moves => moves[^1] is { Kind: HostCommandKind.SetTarget } move
                && moves.Count(each => each.Kind == HostCommandKind.SetTarget) == 1
                && move.Value > move.ExpectedTarget
                && move.Value <= move.BootMemory));

    [Test]
    public void Memory_held_for_reservations_is_free() => ForEachStep((snapshot, settings, plan) =>
        plan.Host.Reserved >= KiB.Zero && plan.Host.Reserved <= KiB.Max(KiB.Zero, snapshot.Free - settings.Slack));

    [Test]
    public void No_cap_is_below_what_a_domain_holds_or_was_promised() => ForEachStep((_, _, plan) =>
        plan.Commands.Where(command => command.Kind == HostCommandKind.SetMaxMem).All(command =>
        {
            DomainDecision decision = plan.Domains.Single(domain => domain.Domain.Identity == command.Domain);
            bool sleeps = decision.Domain.Lifecycle != DomainLifecycle.Running;
            return command.Value >= decision.Domain.Actual && (sleeps || command.Value >= decision.Target!.Value);
        }));

    [Test]
    public void Every_domain_has_a_decision_with_a_readable_reason() => ForEachStep((snapshot, _, plan) =>
        plan.Domains.Length == snapshot.Domains.Length
            && plan.Domains.All(decision => decision.Reason.ToString().Length > 5));

    [Test]
    public void Order_of_the_domains_in_a_snapshot_does_not_matter() => HostileHistory.All.Sample(history =>
    {
        Balancer forward = new(), backward = new();
        foreach (HostileStep step in history.Steps)
        {
            Plan decision = step.Decide(forward, history.Settings);
            Plan other = (step with { Host = step.Host with { Domains = [.. step.Host.Domains.Reverse()] } }).Decide(
                backward, history.Settings);
            if (!decision.Commands.SequenceEqual(other.Commands)) return false;
        }

        return true;
    });

    /// <summary>The commands that move memory of each running domain of a kind.</summary>
    private static IEnumerable<HostCommand[]> Moves(Plan plan, Func<DomainSnapshot, bool> isOfKind) =>
        plan.Domains.Select(decision => decision.Domain)
            .Where(domain => domain.Lifecycle == DomainLifecycle.Running && isOfKind(domain))
            .Select(domain => HostBuilder.CommandsOf(plan, domain.Identity.Domid).Where(
                command => command.Kind is not (HostCommandKind.AdmitQubesReports or HostCommandKind.RequestReport))
                .ToArray());

    /// <summary>
    /// What a target goes up by to what the domain holds already, because its balloon did not shrink.
    /// </summary>
    private static KiB RestoredTo(DomainDecision decision) => decision.Reason.Kind == ReasonKind.Stuck
        ? KiB.Max(KiB.Zero, decision.Domain.Actual - (decision.Domain.Target ?? KiB.Zero))
        : KiB.Zero;

    /// <summary>
    /// A step, and three more snapshots of the same moment: a guest reports less, another one more, and memory becomes
    /// free.
    /// </summary>
    private static HostileStep[] Moments(HostileStep step)
    {
        HostSnapshot less = WithUse(step.Host, 1, 0.5), more = WithUse(less, 2, 1.5);
        HostSnapshot freed = more with { Free = more.Free + KiB.FromMiB(100), Total = more.Total + KiB.FromMiB(100) };
        return [step, .. new[] { less, more, freed }.Select(host => new HostileStep(host, null))];
    }

    private static HostSnapshot WithUse(HostSnapshot host, int index, double factor)
    {
        if (index >= host.Domains.Length || host.Domains[index] is not { Report: { } report } domain) return host;
        GuestReport next = report with
        {
            Used = report.Used.Times(factor),
            ReceivedAt = host.At + TimeSpan.FromTicks(index),
        };
        return host with { Domains = host.Domains.SetItem(index, domain with { Report = next }) };
    }

    private static DomainSnapshot Copy(DomainSnapshot domain) => domain with { };

    private static void ForEachStep(Func<HostSnapshot, BalancerSettings, Plan, bool> holds) =>
        HostileHistory.All.Sample(history => history.Holds(holds), iter: Check.Iter * 30);

    private static KiB Sum(IEnumerable<DomainDecision> decisions, Func<DomainDecision, KiB> amount) =>
        new(decisions.Sum(decision => amount(decision).Value));
}
