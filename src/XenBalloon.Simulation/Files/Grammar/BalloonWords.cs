using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The words that describe a guest's balloon driver.</summary>
internal static class BalloonWords
{
    /// <summary>For example <c>shrink 40k/s floor 300m</c>, <c>stuck from 10s until 60s</c>, or <c>stutter 10s every 30s</c>.</summary>
    public static Form<BalloonDescription> Form { get; } = new Vocabulary<BalloonDescription>(
        Entries.Shorthand<BalloonDescription>("slow", balloon => balloon with
        {
            ShrinkPerSecond = BalloonDescription.Slow.ShrinkPerSecond,
            GrowPerSecond = BalloonDescription.Slow.GrowPerSecond,
        }),
        Entries.Value<BalloonDescription, KiB>("shrink", Forms.Rate, balloon => balloon.ShrinkPerSecond, (balloon, rate) => balloon with { ShrinkPerSecond = rate }),
        Entries.Value<BalloonDescription, KiB>("grow", Forms.Rate, balloon => balloon.GrowPerSecond, (balloon, rate) => balloon with { GrowPerSecond = rate }),
        Entries.Value<BalloonDescription, KiB>("floor", Forms.Size, balloon => balloon.HiddenFloor, (balloon, floor) => balloon with { HiddenFloor = floor }),
        Entries.Optional<BalloonDescription, KiB>("ceiling", Forms.Size, balloon => balloon.Ceiling, (balloon, ceiling) => balloon with { Ceiling = ceiling }),
        new("stuck", ReadStuck, (balloon, _) => WriteStuck(balloon)),
        new("stutter", ReadStutter, (balloon, _) => WriteStutter(balloon)))
        .InOneValue(new BalloonDescription());

    private static BalloonDescription ReadStuck(BalloonDescription balloon, ValueReader value) => balloon with
    {
        StuckFrom = value.TryTake("from") ? Forms.Time.Read(value) : TimeSpan.Zero,
        StuckUntil = value.TryTake("until") ? Forms.Time.Read(value) : null,
    };

    private static IEnumerable<string> WriteStuck(BalloonDescription balloon)
    {
        if (balloon.StuckFrom is not { } from) yield break;
        yield return (from == TimeSpan.Zero ? "" : $"from {Forms.Time.Write(from)} ") + (balloon.StuckUntil is { } until ? $"until {Forms.Time.Write(until)}" : "");
    }

    private static BalloonDescription ReadStutter(BalloonDescription balloon, ValueReader value)
    {
        TimeSpan length = Forms.Period.Read(value);
        value.Expect("every");
        TimeSpan every = Forms.Period.Read(value);
        if (length > every) value.FailAtLast($"it cannot be stuck for {Forms.Time.Write(length)} in each {Forms.Time.Write(every)}");
        return balloon with { StuckFor = length, StuckEvery = every };
    }

    private static IEnumerable<string> WriteStutter(BalloonDescription balloon) =>
        balloon.StuckEvery is { } every ? [$"{Forms.Time.Write(balloon.StuckFor)} every {Forms.Time.Write(every)}"] : [];
}
