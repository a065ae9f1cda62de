using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>No sequence of snapshots, however hostile or inconsistent, makes a plan that breaks a promise.</summary>
public sealed class BalancerPropertyTests
{
    private static readonly Gen<KiB> Sizes = Gen.Long[0, 4L << 20].Select(kib => new KiB(kib));

    private static readonly Gen<GuestReport?> Reports =
        from silent in Gen.Bool
        from used in Sizes
        from available in Sizes
        from knowsTotal in Gen.Bool
        from at in Gen.Int[0, 1000]
        select silent ? null : new GuestReport(ReportSource.XenServer, used, knowsTotal ? used + available : null, TimeSpan.FromSeconds(at));

    private static readonly Gen<DomainSnapshot> Domains =
        from domid in Gen.Int[0, 6]
        from uuid in Gen.Int[0, 1]
        from kind in Gen.Enum<DomainKind>()
        from lifecycle in Gen.Frequency((5, Gen.Const(DomainLifecycle.Running)), (1, Gen.Enum<DomainLifecycle>()))
        from actual in Sizes
        from near in Gen.Bool
        from target in Sizes
        from cap in Sizes
        from ceiling in Sizes
        from videoRam in Gen.Frequency((4, Gen.Const(0L)), (1, Gen.Long[0, 16384]))
        from report in Reports
        select new DomainSnapshot
        {
            Identity = new DomainIdentity(domid, HostBuilder.Uuid(uuid)),
            Name = $"g{domid}",
            Kind = kind,
            Lifecycle = lifecycle,
            Actual = actual,
            Target = lifecycle == DomainLifecycle.Building ? null : near ? actual : target,
            MaxMem = near ? actual + KiB.FromMiB(1) : cap,
            StaticMax = domid == 5 ? null : ceiling + actual,
            VideoRam = new KiB(videoRam),
            Report = report,
        };

    private static readonly Gen<HostSnapshot[]> Histories =
        (from seconds in Gen.Int[1, 40]
         from free in Sizes
         from domains in Domains.Array[1, 12]
         select (seconds, free, domains)).Array[1, 12].Select(steps =>
         {
             TimeSpan at = TimeSpan.Zero;
             return steps.Select(step => new HostSnapshot
             {
                 At = at += TimeSpan.FromSeconds(step.seconds),
                 Total = step.free + new KiB(step.domains.Sum(domain => domain.Actual.Value)),
                 Free = step.free,
                 Domains = [.. step.domains.DistinctBy(domain => domain.Identity.Domid).OrderBy(domain => domain.Identity.Domid)],
             }).ToArray();
         });

    private static readonly Gen<BalancerSettings> Settings =
        from slack in Gen.Long[0, 200]
        from keepFree in Gen.Long[0, 500]
        from tax in Gen.Double[0, 0.99]
        from minimum in Gen.Long[0, 1000]
        from unmanaged in Gen.Int[0, 8]
        select new BalancerSettings
        {
            Slack = KiB.FromMiB(slack),
            KeepFree = KiB.FromMiB(keepFree),
            IdleTax = tax,
            Defaults = new DomainSettings { Minimum = minimum < 100 ? null : KiB.FromMiB(minimum) },
            Rules = [new DomainRule($"g{unmanaged}", new DomainSettings { Managed = false })],
        };

    [Test]
    public void No_plan_promises_memory_that_is_not_free() => ForEachStep((snapshot, settings, plan) =>
    {
        KiB growth = Sum(plan.Domains, one => KiB.Max(KiB.Zero, (one.Target ?? KiB.Zero) - (one.Domain.Target ?? one.Target ?? KiB.Zero)));

        // A nudge of a stuck balloon is one page, upwards on a balloon that holds more than its target: it takes nothing.
        KiB nudges = Sum(plan.Domains.Where(one => one.Reason.Kind == ReasonKind.Stuck), _ => KiB.Page);
        return growth <= KiB.Max(KiB.Zero, snapshot.Free - settings.Slack) + nudges;
    });

    [Test]
    public void No_plan_takes_a_domain_below_its_floor_or_its_minimum() => ForEachStep((_, _, plan) =>
        plan.Domains.Where(one => one.Target < one.Domain.Target && one.Reason.Kind is ReasonKind.Shrinking or ReasonKind.Pressed)
            .All(one => one.Target >= one.Demand!.Value.Floor && one.Target >= one.Minimum));

    [Test]
    public void No_plan_raises_a_domain_above_its_maximum() => ForEachStep((_, _, plan) =>
        plan.Domains.Where(one => one.Target > one.Domain.Target && one.Reason.Kind != ReasonKind.Stuck).All(one => one.Target <= one.Maximum));

    [Test]
    public void Every_other_step_down_takes_back_a_promise_and_leaves_the_domain_what_it_holds() => ForEachStep((_, _, plan) =>
        plan.Domains.Where(one => one.Reason.Kind is not (ReasonKind.Shrinking or ReasonKind.Pressed) && one.Target < one.Domain.Target)
            .All(one => one.Target >= KiB.Min(one.Domain.Target!.Value - KiB.Page, one.Domain.Actual.FloorToPage())));

    [Test]
    public void A_silent_guest_that_rests_where_its_kind_rests_is_never_lowered() =>
        (from videoRamMib in Gen.Long[0, 256]
         from offsetMib in Gen.Long[-16, 300]
         from seconds in Gen.Int[1, 15].Array[60]
         select (videoRamMib, offsetMib, seconds)).Sample((videoRamMib, offsetMib, seconds) =>
         {
             HostBuilder host = new HostBuilder().With(1, 900, 2048, DomainKind.Hvm).WithFree(500);
             host[1] = host[1] with { VideoRam = KiB.FromMiB(videoRamMib) };
             foreach (int pause in seconds)
             {
                 host[1] = host[1] with { Actual = host[1].Target!.Value + KiB.FromMiB(offsetMib), MaxMem = KiB.FromMiB(2500) };
                 host.Passes(pause).Act();
                 if (host[1].Target < KiB.FromMiB(900) - KiB.Page) return false;
             }

             return true;
         });

    [Test]
    public void No_plan_touches_a_domain_that_is_unmanaged_or_does_not_run() => ForEachStep((_, _, plan) =>
        plan.Commands.All(command =>
        {
            DomainDecision one = plan.Domains.Single(domain => domain.Domain.Identity == command.Domain);
            return one.Managed && one.Domain.Lifecycle == DomainLifecycle.Running && one.Domain.Target is not null;
        }));

    [Test]
    public void No_cap_cuts_off_what_a_domain_holds_or_was_promised() => ForEachStep((_, _, plan) =>
        plan.Commands.Where(command => command.Kind == HostCommandKind.SetMaxMem).All(command =>
        {
            DomainDecision one = plan.Domains.Single(domain => domain.Domain.Identity == command.Domain);
            return command.Value >= one.Domain.Actual && command.Value >= one.Target!.Value;
        }));

    [Test]
    public void Every_domain_has_a_decision_with_a_reason_that_can_be_read() => ForEachStep((snapshot, _, plan) =>
        plan.Domains.Length == snapshot.Domains.Length && plan.Domains.All(one => one.Reason.ToString().Length > 5));

    [Test]
    public void The_order_in_which_domains_are_listed_does_not_matter() => Histories.Select(Settings).Sample((history, settings) =>
    {
        Balancer forward = new(), backward = new();
        foreach (HostSnapshot snapshot in history)
        {
            Plan one = forward.Step(snapshot, settings);
            Plan other = backward.Step(snapshot with { Domains = [.. snapshot.Domains.Reverse()] }, settings);
            if (!one.Commands.SequenceEqual(other.Commands)) return false;
        }

        return true;
    });

    private static void ForEachStep(Func<HostSnapshot, BalancerSettings, Plan, bool> holds) => Histories.Select(Settings).Sample((history, settings) =>
    {
        var balancer = new Balancer();
        foreach (HostSnapshot snapshot in history)
        {
            if (!holds(snapshot, settings, balancer.Step(snapshot, settings))) return false;
        }

        return true;
    }, iter: Check.Iter * 30);

    private static KiB Sum(IEnumerable<DomainDecision> decisions, Func<DomainDecision, KiB> amount) => new(decisions.Sum(one => amount(one).Value));
}
