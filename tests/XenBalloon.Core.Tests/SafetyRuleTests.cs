using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>Every safety rule is needed: a scenario ends well with it and badly without it.</summary>
internal sealed class SafetyRuleTests
{
    [Test]
    public void No_harm_is_done_with_all_rules([Values] SafetyRule rule) =>
        Assert.That(Harms.Of(rule)(new HostBuilder()), Is.Null);

    [Test]
    public void Harm_is_done_without_the_rule([Values] SafetyRule rule) =>
        Assert.That(Harms.Of(rule)(new HostBuilder(rule)), Is.Not.Null);
}

/// <summary>
/// A scenario for each safety rule. It returns a description of the harm, or null if no harm was done.
/// </summary>
internal static class Harms
{
    internal static Func<HostBuilder, string?> Of(SafetyRule rule) => rule switch
    {
        SafetyRule.FreeBeforeAllocate => GrowthHarms.Other_domains_have_yet_to_give_what_is_needed,
        SafetyRule.PromisesCount => GrowthHarms.What_is_free_was_granted_a_moment_ago,
        SafetyRule.ReservedIsHeld => GrowthHarms.What_is_free_is_reserved,
        SafetyRule.ConstructionFreezesGrowth => GrowthHarms.A_large_domain_is_being_built,
        SafetyRule.CapRisesOutOfFree => GrowthHarms.Domain_runs_again_when_its_memory_is_gone,
        SafetyRule.CapFollowsBalloon => ShrinkHarms.A_balloon_does_not_answer,
        SafetyRule.FloorHolds => ShrinkHarms.Guest_frees_and_allocates_again,
        SafetyRule.AvailableBounds => ShrinkHarms.A_kernel_keeps_most_of_the_memory_for_itself,
        SafetyRule.StepByStep => ShrinkHarms.A_guest_grows_between_two_reports,
        SafetyRule.ReportIsYoung => ShrinkHarms.A_guest_grew_long_after_its_last_report,
        SafetyRule.StalledIsSpared => ShrinkHarms.Guest_stalled_seconds_ago,
        SafetyRule.SwapBeforePressing => ShrinkHarms.A_guest_without_swap_uses_more_than_its_share,
        SafetyRule.NotRunningIsLeft => ExclusionHarms.A_domain_is_paused,
        SafetyRule.MigratingIsLeft => ExclusionHarms.A_domain_is_sent_away,
        SafetyRule.PopulatingIsLeft => ExclusionHarms.A_domain_is_not_populated_yet,
        SafetyRule.PassthroughIsLeft => ExclusionHarms.A_device_is_passed_through,
        SafetyRule.NotRecreatableIsKept => ExclusionHarms.A_domain_could_not_be_created_with_less,
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "no case for this rule"),
    };
}

/// <summary>Scenarios in which memory could be promised that is not free.</summary>
internal static class GrowthHarms
{
    internal static string? Other_domains_have_yet_to_give_what_is_needed(HostBuilder host) =>
        Overpromised(host.With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(1, 100).Reports(2, 216));

    internal static string? What_is_free_was_granted_a_moment_ago(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 256, 1024).WithFree(52).Reports(2, 216);
        host[1] = host[1] with { Target = KiB.FromMiB(915), MaxMem = KiB.FromMiB(916) };
        return Overpromised(host);
    }

    internal static string? What_is_free_is_reserved(HostBuilder host)
    {
        host.With(1, 256, 1024).WithFree(132).Reports(1, 216);
        host.Reserve(100);
        return Overpromised(host);
    }

    internal static string? A_large_domain_is_being_built(HostBuilder host)
    {
        host.With(1, 256, 1024).With(2, 100, 512).WithFree(450).Reports(1, 216);
        host[2] = host[2] with { Lifecycle = DomainLifecycle.Building, Target = null };
        host.Act();
        return host.Free < KiB.FromMiB(400)
            ? $"{host.Free} are left of the 400 MiB that the toolstack has yet to populate"
            : null;
    }

    internal static string? Domain_runs_again_when_its_memory_is_gone(HostBuilder host)
    {
        host.With(1, 700, 1024).WithFree(100);
        host[1] = host[1] with { Actual = KiB.FromMiB(500), Lifecycle = DomainLifecycle.Paused };
        host.Decide();
        host.Passes(5).Act();
        host.With(2, 250, 1024);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        host.Passes(1).Act();
        return host[1].MaxMem - host[1].Actual > host.Free
            ? $"it may take up to {host[1].MaxMem}, and {host.Free} are free"
            : null;
    }

    private static string? Overpromised(HostBuilder host)
    {
        Plan plan = host.Decide();
        KiB promised = new(
            plan.Domains.Sum(decision => KiB.Max(KiB.Zero, decision.Target!.Value - decision.Domain.Actual).Value));
        KiB mine = host.Free - plan.Host.Slack - plan.Host.Reserved;
        return promised > mine ? $"{promised} are promised, of {mine} to give" : null;
    }
}

/// <summary>Scenarios in which a guest could lose memory in use.</summary>
internal static class ShrinkHarms
{
    internal static string? A_balloon_does_not_answer(HostBuilder host)
    {
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(400) };
        host.With(1, 900, 1024).WithFree(100);
        host[1] = host[1] with { Target = KiB.FromMiB(600) };
        for (int i = 0; i < 10; i++)
        {
            foreach (HostCommand command in host.Passes(1).Reports(1, 300).Decide().Commands)
            {
                if (command.Kind == HostCommandKind.SetMaxMem) host.Carry(command);
            }
        }

        return host[1].MaxMem < host[1].Actual
            ? $"capped at {host[1].MaxMem}, it holds {host[1].Actual}: it can allocate nothing"
            : null;
    }

    internal static string? Guest_frees_and_allocates_again(HostBuilder host)
    {
        Contended(host);
        for (int i = 0; i < 20; i++)
        {
            long use = i % 2 == 0 ? 800 : 700;
            if (Lost(host, use) is { } harm) return harm;
            host.Passes(1).Reports(1, use).Reports(2, 2000).Act();
        }

        return null;
    }

    internal static string? A_kernel_keeps_most_of_the_memory_for_itself(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 600, 1024).WithFree(32).Reports(2, 560);
        host[1] = host[1] with
        {
            Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(100), KiB.FromMiB(180), host.Now),
        };
        host.Act();
        KiB given = KiB.FromMiB(900) - host[1].Actual;
        return given > KiB.FromMiB(80) ? $"{given} are gone of the 80 MiB that it had available" : null;
    }

    internal static string? A_guest_grows_between_two_reports(HostBuilder host)
    {
        Contended(host).Reports(1, 300).Reports(2, 2000).Act();
        for (int i = 0; i < 3; i++) host.Passes(1).Reports(2, 2000).Act();
        return Lost(host, 600);
    }

    internal static string? A_guest_grew_long_after_its_last_report(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 512, 1024).WithFree(32).Reports(1, 100, new GuestVitals()).Reports(2, 100)
            .Decide();
        host.Passes(60).Reports(2, 472).Act();
        return Lost(host, 800);
    }

    internal static string? Guest_stalled_seconds_ago(HostBuilder host)
    {
        host.With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100, new GuestVitals { MemorySome = 0.5 })
            .Reports(2, 216).Decide();
        host.Passes(3).Reports(1, 100, new GuestVitals { MemorySome = 0 }).Reports(2, 216).Act();
        return host[1].Target < KiB.FromMiB(900) ? $"lowered to {host[1].Target}" : null;
    }

    internal static string? A_guest_without_swap_uses_more_than_its_share(HostBuilder host)
    {
        host.With(1, 1024, 2048).With(2, 256, 1024).WithFree(32);
        for (int i = 0; i < 30; i++)
        {
            host.Passes(1).Reports(1, 2000, new GuestVitals { SwapTotal = KiB.Zero, SwapUsed = KiB.Zero })
                .Reports(2, 2000).Act();
        }

        return Lost(host, 1024 - 40);
    }

    /// <summary>A domain of 1000 MiB whose neighbour lacks memory and is entitled to nearly all of it.</summary>
    private static HostBuilder Contended(HostBuilder host)
    {
        host.Settings = host.Settings with
        {
            PressToShare = false,
            Rules = [new DomainRule("g2", new DomainSettings { Weight = 10_000 })],
        };
        return host.With(1, 1000, 1024).With(2, 1000, 4096).WithFree(32);
    }

    private static string? Lost(HostBuilder host, long usedMib)
    {
        KiB needed = KiB.FromMiB(usedMib) + HostBuilder.Overhead;
        return host[1].Actual < needed ? $"it holds {host[1].Actual} and needs {needed}" : null;
    }
}

/// <summary>Scenarios of idle domains that must be left what they have, next to one in need.</summary>
internal static class ExclusionHarms
{
    internal static string? A_domain_is_paused(HostBuilder host) =>
        Touched(host, idle => idle with { Lifecycle = DomainLifecycle.Paused });

    internal static string? A_domain_is_sent_away(HostBuilder host) =>
        Touched(host, idle => idle with { Lifecycle = DomainLifecycle.Migrating });

    internal static string? A_domain_could_not_be_created_with_less(HostBuilder host) =>
        Touched(host, idle => idle with { FixedBy = CreationLimit.VirtualNuma, StaticMax = idle.Target });

    internal static string? A_domain_is_not_populated_yet(HostBuilder host) =>
        Touched(host, idle => idle with { PopulatesOnDemand = true });

    internal static string? A_device_is_passed_through(HostBuilder host) =>
        Touched(host, idle => idle with { HasPassthrough = true });

    private static string? Touched(HostBuilder host, Func<DomainSnapshot, DomainSnapshot> change)
    {
        host.With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Decide(); // it runs and is at its target
        host.Passes(1).Reports(1, 100).Reports(2, 216);
        host[1] = change(host[1]);
        Plan plan = host.Decide();
        return HostBuilder.CommandsOf(plan, 1) is [{ } first, ..] ? $"its first command is {first}" : null;
    }
}
