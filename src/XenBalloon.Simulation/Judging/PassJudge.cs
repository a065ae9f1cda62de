using System.Globalization;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Judging;

/// <summary>Decides on pass lines.</summary>
internal static class PassJudge
{
    private static readonly Metric FailedStarts = AllMetrics.Named("starts.failed");

    /// <summary>Decides on one.</summary>
    public static PassVerdict Decide(PassLine line, Judgement judgement)
    {
        if (judgement.Find(line.Policy) is not { } policy) return Undecided(line, $"{line.Policy} was not run");
        if (line.Guest is { } guest && judgement.Scenario.Guests.All(one => one.Name != guest)) return Failed(line, $"the scenario has no guest {guest}");
        if (judgement.Of(policy, line.Metric, line.Guest) is not { } value) return Nothing(line, judgement);
        return line.Other switch
        {
            null => Compared(line, value, line.Bound,
                string.Create(CultureInfo.InvariantCulture, $"it is {value.Mean:0.####}")),
            PassLine.Peers => WithPeers(line, judgement, policy, value),
            _ when judgement.Find(line.Other) is { } other => With(line, judgement, policy, value, other),
            _ => Undecided(line, $"{line.Other} was not run"),
        };
    }

    // The worst that any of them has to say.
    private static PassVerdict WithPeers(PassLine line, Judgement judgement, PolicyResult policy, Estimate value)
    {
        PolicyResult[] peers = [.. judgement.Policies.Where(IsPeer)];
        if (peers.Length == 0) return Undecided(line, "no peer was run");

        // Who does not start what was asked for has more memory for the others.
        double failed = policy.Of(FailedStarts)?.Mean ?? 0;
        PolicyResult[] serving = [.. peers.Where(peer => !(peer.Of(FailedStarts)?.Mean > failed))];
        if (serving.Length == 0)
            return new PassVerdict(line, PassOutcome.Passed, value.Mean, null,
                "every peer fails to start more domains");
        PassVerdict[] verdicts =
            [.. serving.Select(peer => With(line, judgement, policy, value, peer)).OrderBy(verdict => verdict.Bound)];
        return verdicts.FirstOrDefault(verdict => verdict.Outcome == PassOutcome.Failed)
            ?? verdicts.FirstOrDefault(verdict => verdict.Outcome == PassOutcome.Undecided)
            ?? verdicts[0];
    }

    private static bool IsPeer(PolicyResult policy) =>
        policy.Name is not (PolicyCatalog.Static or PolicyCatalog.Oracle)
        && PeerCatalog.All.Any(peer => peer.Name == policy.Name);

    private static PassVerdict With(PassLine line, Judgement judgement, PolicyResult policy, Estimate value,
        PolicyResult other)
    {
        if (judgement.Of(other, line.Metric, line.Guest) is not { } theirs)
            return Undecided(line, $"under {other.Name} there was nothing to measure");
        double bound = line.Bound * theirs.Mean;
        string times = line.Bound == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{line.Bound:0.####} * ");
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"it is {value.Mean:0.####}, to be compared with {bound:0.####} of {times}{other.Name}");
        if (!line.AddsInterval) return Compared(line, value, bound, reason);
        var pairs = new SeedPairs(
            policy.Values(line.Metric, line.Guest),
            [.. other.Values(line.Metric, line.Guest).Select(one => one * line.Bound)],
            line.Metric.Noticeable);
        if (pairs.Difference is not { } difference)
            return Undecided(line, "some seeds have nothing to measure, so they cannot be compared in pairs");
        if (difference.HalfWidth is not { } half) return Undecided(line, "one seed gives no interval: run two or more");
        reason = string.Create(CultureInfo.InvariantCulture, $"{reason} ± {half:0.####}");
        return new PassVerdict(line, pairs.IsMore ? PassOutcome.Failed : PassOutcome.Passed, value.Mean, bound, reason);
    }

    private static PassVerdict Compared(PassLine line, Estimate value, double bound, string reason) =>
        new(line, line.Comparison.Holds(value.Mean, bound) ? PassOutcome.Passed : PassOutcome.Failed, value.Mean,
            bound, reason);

    private static PassVerdict Nothing(PassLine line, Judgement judgement) =>
        line.Metric.WhenNothing is { } fine
            ? new PassVerdict(line, PassOutcome.Passed, null, null, fine)
            : Undecided(line, WhyNothing(line.Metric, judgement));

    private static PassVerdict Undecided(PassLine line, string reason) => new(line, PassOutcome.Undecided, null, null, reason);

    private static PassVerdict Failed(PassLine line, string reason) => new(line, PassOutcome.Failed, null, null, reason);

    private static string WhyNothing(Metric metric, Judgement judgement) =>
        metric != AllMetrics.Regret ? "there was nothing to measure"
        : judgement.Find(PolicyCatalog.Static) is null || judgement.Find(PolicyCatalog.Oracle) is null
            ? "regret needs static and oracle to be run too"
        : "even the oracle gains nothing";
}

/// <summary>What became of a <see cref="PassLine"/>, and why.</summary>
/// <param name="Line">What was asked.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Value">What was measured; null for nothing.</param>
/// <param name="Bound">What it was compared with; null for nothing.</param>
/// <param name="Reason">What was measured and compared, or why it was not; part of a sentence.</param>
public sealed record PassVerdict(PassLine Line, PassOutcome Outcome, double? Value, double? Bound, string Reason);

/// <summary>What became of a <see cref="PassLine"/>.</summary>
public enum PassOutcome
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>Neither: the policy was not run, or there was nothing to measure or to compare with.</summary>
    Undecided,
}
