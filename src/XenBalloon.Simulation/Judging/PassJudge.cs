using System.Globalization;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Judging;

/// <summary>Decides whether pass lines hold.</summary>
internal static class PassJudge
{
    private static readonly Metric FailedStarts = MetricCatalog.Named("starts.failed");

    /// <summary>Decides one pass line.</summary>
    public static PassVerdict Decide(PassLine line, Judgement judgement)
    {
        if (judgement.Find(line.Policy) is not { } policy) return Undecided(line, $"{line.Policy} was not run");
        if (line.Guest is { } guest && judgement.Scenario.Guests.All(known => known.Name != guest))
            return Failed(line, $"the scenario has no guest {guest}");
        if (judgement.Of(policy, line.Metric, line.Guest) is not { } value) return Unmeasured(line, judgement);
        return line.Other switch
        {
            null => Compare(line, value, line.Bound,
                string.Create(CultureInfo.InvariantCulture, $"measured {value.Mean:0.####}")),
            PassLine.Peers => CompareWithPeers(line, judgement, policy, value),
            _ when judgement.Find(line.Other) is { } other => CompareWith(line, judgement, policy, value, other),
            _ => Undecided(line, $"{line.Other} was not run"),
        };
    }

    // The worst outcome over all peers.
    private static PassVerdict CompareWithPeers(PassLine line, Judgement judgement, PolicyResult policy, Estimate value)
    {
        PolicyResult[] peers = [.. judgement.Policies.Where(IsPeer)];
        if (peers.Length == 0) return Undecided(line, "no peer was run");

        // A peer that fails to start domains has more memory for the others.
        double failed = policy.Of(FailedStarts)?.Mean ?? 0;
        PolicyResult[] serving = [.. peers.Where(peer => !(peer.Of(FailedStarts)?.Mean > failed))];
        if (serving.Length == 0)
            return new PassVerdict(line, PassOutcome.Passed, value.Mean, null,
                "every peer failed to start more domains than the policy");
        PassVerdict[] verdicts =
        [
            .. serving
                .Select(peer => CompareWith(line, judgement, policy, value, peer))
                .OrderBy(verdict => verdict.Bound),
        ];
        return verdicts.FirstOrDefault(verdict => verdict.Outcome == PassOutcome.Failed)
            ?? verdicts.FirstOrDefault(verdict => verdict.Outcome == PassOutcome.Undecided)
            ?? verdicts[0];
    }

    private static bool IsPeer(PolicyResult policy) =>
        policy.Name is not (PolicyCatalog.Static or PolicyCatalog.Oracle)
        && PeerCatalog.All.Any(peer => peer.Name == policy.Name);

    private static PassVerdict CompareWith(PassLine line, Judgement judgement, PolicyResult policy, Estimate value,
        PolicyResult other)
    {
        if (judgement.Of(other, line.Metric, line.Guest) is not { } theirs)
            return Undecided(line, $"nothing was measured under {other.Name}");
        double bound = line.Bound * theirs.Mean;
        string times = line.Bound == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{line.Bound:0.####} * ");
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"measured {value.Mean:0.####}, compared with {bound:0.####} of {times}{other.Name}");
        if (!line.AddsInterval) return Compare(line, value, bound, reason);
        var pairs = new SeedPairs(
            policy.Values(line.Metric, line.Guest),
            [.. other.Values(line.Metric, line.Guest).Select(theirs => theirs * line.Bound)],
            line.Metric.Noticeable);
        if (pairs.Difference is not { } difference)
            return Undecided(line, "some seeds have nothing to measure, so the seeds cannot be paired");
        if (difference.HalfWidth is not { } half) return Undecided(line, "one seed gives no interval: run two or more");
        reason = string.Create(CultureInfo.InvariantCulture, $"{reason} ± {half:0.####}");
        return new PassVerdict(line, pairs.IsMore ? PassOutcome.Failed : PassOutcome.Passed, value.Mean, bound, reason);
    }

    private static PassVerdict Compare(PassLine line, Estimate value, double bound, string reason) =>
        new(line, line.Comparison.Holds(value.Mean, bound) ? PassOutcome.Passed : PassOutcome.Failed, value.Mean,
            bound, reason);

    private static PassVerdict Unmeasured(PassLine line, Judgement judgement) =>
        line.Metric.ReasonWhenUnmeasured is { } reason
            ? new PassVerdict(line, PassOutcome.Passed, null, null, reason)
            : Undecided(line, WhyUnmeasured(line.Metric, judgement));

    private static PassVerdict Undecided(PassLine line, string reason) =>
        new(line, PassOutcome.Undecided, null, null, reason);

    private static PassVerdict Failed(PassLine line, string reason) =>
        new(line, PassOutcome.Failed, null, null, reason);

    private static string WhyUnmeasured(Metric metric, Judgement judgement) =>
        metric != MetricCatalog.Regret ? "nothing was measured"
        : judgement.Find(PolicyCatalog.Static) is null || judgement.Find(PolicyCatalog.Oracle) is null
            ? "regret requires that static and oracle are run"
        : "even the oracle gains nothing";
}

/// <summary>The outcome of a <see cref="PassLine"/>, with its reason.</summary>
/// <param name="Line">The pass line.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Value">The measured value; null if none.</param>
/// <param name="Bound">The value of the bound; null if none.</param>
/// <param name="Reason">What was measured and compared, or why not; part of a sentence.</param>
internal sealed record PassVerdict(PassLine Line, PassOutcome Outcome, double? Value, double? Bound, string Reason);

/// <summary>The outcome of a <see cref="PassLine"/>.</summary>
internal enum PassOutcome
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>Undecided: the policy was not run, or there was nothing to measure or to compare with.</summary>
    Undecided,
}
