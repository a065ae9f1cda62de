using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests;

/// <summary>What each domain last said that can be believed, and what it booted with: what may be pressed out of it.</summary>
internal sealed class LastWords
{
    private readonly Dictionary<DomainIdentity, GuestReport> believed = [];
    private readonly Dictionary<DomainIdentity, TimeSpan> heard = [];
    private readonly Dictionary<DomainIdentity, KiB?> boot = [];

    /// <summary>A word that no kernel could have said changes nothing. Each is judged once, when it arrives.</summary>
    internal void Hear(HostSnapshot snapshot)
    {
        foreach (DomainIdentity gone in boot.Keys.Except(snapshot.Domains.Select(domain => domain.Identity)).ToArray()) Forget(gone);
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            boot[domain.Identity] = domain.BootMemory ?? boot.GetValueOrDefault(domain.Identity) ?? domain.Target;
            if (domain.Report is not { } report) continue;
            if (heard.TryGetValue(domain.Identity, out TimeSpan last) && last == report.ReceivedAt) continue;
            heard[domain.Identity] = report.ReceivedAt;
            if (Plausibility.Holds(report, domain)) believed[domain.Identity] = report;
        }
    }

    /// <summary>Whether a domain may be pressed as far as it is.</summary>
    /// <param name="one">What was decided of it.</param>
    /// <param name="operatorsWord">Whether it has swap, by the operator's word.</param>
    internal bool MayPress(DomainDecision one, bool? operatorsWord)
    {
        GuestReport? report = believed.GetValueOrDefault(one.Domain.Identity);
        GuestVitals? vitals = report?.Vitals;
        bool saysNone = vitals?.SwapTotal == KiB.Zero;
        if (operatorsWord == false) return false;
        if (SaysNothingIsLeft(report) && one.Domain.Target - one.Target <= one.Domain.Target!.Value.Times(1.0 / 16))
            return !saysNone || operatorsWord == true || one.Target >= boot[one.Domain.Identity];
        if (saysNone && operatorsWord != true) return false;
        if (!saysNone && vitals?.SwapHeadroom is { } room) return one.Domain.Target - one.Target <= room;
        return operatorsWord == true || one.Target >= boot[one.Domain.Identity];
    }

    /// <summary>Then it is asked for a little, to see whether that is true.</summary>
    private static bool SaysNothingIsLeft(GuestReport? report) =>
        report is { Available: { } available, Vitals: { SwapTotal: { } total, SwapUsed: { } used } }
        && available + total - used <= KiB.FromMiB(2);

    private void Forget(DomainIdentity domain)
    {
        believed.Remove(domain);
        heard.Remove(domain);
        boot.Remove(domain);
    }
}
