using XenBalloon.Core.Domains;

namespace XenBalloon.Core.Tests.Safety;

/// <summary>For each safety rule a story of a host in which it matters: it tells the harm that was done, or null when none was.</summary>
internal static class Stories
{
    internal static Func<HostBuilder, string?> Of(SafetyRule rule) => rule switch
    {
        SafetyRule.FreeBeforeAllocate => GrowthStories.Others_are_still_to_give_what_one_needs,
        SafetyRule.PromisesCount => GrowthStories.What_is_free_was_granted_a_moment_ago,
        SafetyRule.ReservedIsHeld => GrowthStories.What_is_free_is_reserved,
        SafetyRule.ConstructionFreezesGrowth => GrowthStories.A_large_domain_is_being_built,
        SafetyRule.CapRisesOutOfFree => GrowthStories.A_domain_wakes_when_its_memory_is_gone,
        SafetyRule.CapFollowsBalloon => ShrinkStories.A_balloon_does_not_answer,
        SafetyRule.FloorHolds => ShrinkStories.A_guest_breathes,
        SafetyRule.AvailableBounds => ShrinkStories.A_kernel_keeps_most_of_the_memory_for_itself,
        SafetyRule.StepByStep => ShrinkStories.A_guest_grows_between_two_reports,
        SafetyRule.ReportIsYoung => ShrinkStories.A_guest_grew_long_after_its_last_report,
        SafetyRule.StalledIsSpared => ShrinkStories.A_guest_waited_for_memory_seconds_ago,
        SafetyRule.SwapBeforePressing => ShrinkStories.A_guest_without_swap_uses_more_than_its_share,
        SafetyRule.NotRunningIsLeft => UntouchableStories.A_domain_is_paused,
        SafetyRule.PopulatingIsLeft => UntouchableStories.A_domain_is_not_populated_yet,
        SafetyRule.PassthroughIsLeft => UntouchableStories.A_device_is_passed_through,
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "no story of this rule"),
    };
}
