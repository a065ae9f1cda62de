using System.Collections.Immutable;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>
/// The whole policy as one pure step: what does each domain need, who gets how much, how fast may it move. No I/O, no clock, no thread: the same state,
/// snapshot and settings give the same plan, in whatever order the domains come.
/// </summary>
public static class Balancer
{
    /// <summary>The keep-free pool as a part of the host, where the operator said nothing.</summary>
    private const double DefaultKeepFreePart = 0.05;

    /// <summary>The size of a domain under construction is unknown, so growth waits for it; but not for ever once it takes no more memory: its toolstack may have died.</summary>
    private static readonly TimeSpan LongestConstruction = TimeSpan.FromMinutes(2);

    /// <summary>Between two steps of a donor there is a moment in which nothing comes: only a lack that lasts is an operator's business.</summary>
    private static readonly TimeSpan UnmetBeforeAlarm = TimeSpan.FromSeconds(10);

    /// <summary>Decides.</summary>
    /// <param name="state">What the last step returned, or <see cref="BalancerState.Empty"/>.</param>
    /// <param name="snapshot">The host now.</param>
    /// <param name="settings">The operator's wishes.</param>
    public static BalancerStep Step(BalancerState state, HostSnapshot snapshot, BalancerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(settings);
        DomainCase[] cases = CaseReader.Read(state, snapshot, settings);
        DomainCase[] parts = Array.FindAll(cases, one => one.TakesPart);
        KiB keepFree = settings.KeepFree ?? snapshot.Total.Times(DefaultKeepFreePart);
        KiB spendable = snapshot.Free - settings.Slack - Sum(cases, one => one.Promised);

        // In the unit of targets: what is spendable, and what the participants hold or were promised already.
        KiB capacity = spendable - keepFree + Sum(parts, part => part.Domain.Actual + part.Promised - part.OnTop);
        bool exceeded = Entitlements.Share(parts, capacity, keepFree, settings.IdleTax);
        if (exceeded && Array.Exists(parts, part => part.Demand.Verdict != ReportVerdict.Fresh))
        {
            // What others use cannot be taken to give a silent guest its boot memory back: it keeps what it has, and may get the rest.
            foreach (DomainCase part in parts) part.Lower = KiB.Min(part.Lower, KiB.Max(part.Target, part.Range.Minimum));
            exceeded = Entitlements.Share(parts, capacity, keepFree, settings.IdleTax);
        }

        HostPressure pressure = Pressure(snapshot, settings, parts);
        if (exceeded)
        {
            foreach (DomainCase part in parts) part.Verdict = ReasonKind.MinimumsExceedHost;
        }
        else
        {
            Move(cases, parts, spendable, keepFree, pressure, snapshot.At, settings);
        }

        LeaveOthersWhereTheyAre(cases);
        TimeSpan? unmetSince = IsUnmet(parts, spendable) ? state.UnmetSince ?? snapshot.At : null;
        HostAlarm alarm = exceeded ? HostAlarm.MinimumsExceedHost
            : snapshot.At - unmetSince >= UnmetBeforeAlarm ? HostAlarm.DemandExceedsHost
            : HostAlarm.None;
        var host = new HostDecision(snapshot.Total, snapshot.Free, settings.Slack, keepFree, pressure, alarm);
        return Compose(cases, host, snapshot.At, unmetSince);
    }

    private static void Move(
        DomainCase[] cases, DomainCase[] parts, KiB spendable, KiB keepFree, HostPressure pressure, TimeSpan now, BalancerSettings settings)
    {
        foreach (DomainCase part in parts)
        {
            part.Verdict = part.Needy ? ReasonKind.AtShare : ReasonKind.Balanced;
            if (part.Entitlement < part.Target) ShrinkPacer.Pace(part, pressure != HostPressure.None, now);
        }

        bool building = Array.Exists(
            cases, one => one.Domain.Lifecycle == DomainLifecycle.Building && now - one.Balloon.StillSince < LongestConstruction);
        GrowthPacer.Pace(parts, building ? KiB.Zero : spendable, keepFree, settings.IdleTax, now);
    }

    private static void LeaveOthersWhereTheyAre(DomainCase[] cases)
    {
        foreach (DomainCase one in cases)
        {
            if (one.LeftOut is not { } why) continue;
            one.Verdict = why;
            if (why == ReasonKind.Stuck) one.Next = StuckTarget(one);
        }
    }

    /// <summary>
    /// What we promised and a stuck balloon does not take is taken back, so that others can have it: to what it holds, and never below the target that it
    /// had before. One that does not give is told anew, a page off, when
    /// its time of peace begins again: the Linux driver gives up after four failures until its target changes.
    /// </summary>
    private static KiB StuckTarget(DomainCase one)
    {
        if (one.Balloon.GrewFrom is { } before) return KiB.Min(one.Target, KiB.Max(before, one.Domain.Actual.FloorToPage()));
        bool anew = one.Before.Balloon.StuckUntil is not null && one.Before.Balloon.StuckUntil != one.Balloon.StuckUntil;
        if (!anew || one.Balloon.IsResting) return one.Target;
        return one.Target + KiB.Page <= one.Range.Maximum ? one.Target + KiB.Page : one.Target - KiB.Page;
    }

    private static HostPressure Pressure(HostSnapshot snapshot, BalancerSettings settings, DomainCase[] parts) =>
        snapshot.Free < settings.Slack ? HostPressure.Low
        : Array.Exists(parts, part => part.Needy) ? HostPressure.Demand
        : HostPressure.None;

    private static bool IsUnmet(DomainCase[] parts, KiB spendable)
    {
        bool unmet = Array.Exists(parts, part => part.Verdict is ReasonKind.WaitingForMemory or ReasonKind.AtShare);
        bool coming = spendable > KiB.Zero || Array.Exists(parts, part => part.Verdict is ReasonKind.Shrinking or ReasonKind.Settling);
        return unmet && !coming;
    }

    private static BalancerStep Compose(DomainCase[] cases, HostDecision host, TimeSpan now, TimeSpan? unmetSince)
    {
        ImmutableArray<HostCommand> commands = CommandWriter.Write(Array.FindAll(cases, one => one.TakesPart || one.LeftOut is ReasonKind.Stuck), now);
        var plan = new Plan
        {
            At = now,
            Host = host,
            Domains = [.. cases.Select(Decision)],
            IsMoving = !commands.IsEmpty || Array.Exists(cases, one => one.LeftOut == ReasonKind.Starting || (one.TakesPart && !one.Balloon.IsResting)),
            Commands = commands,
        };
        return new BalancerStep(new BalancerState([.. cases.Select(Remember)], unmetSince), plan);
    }

    private static DomainDecision Decision(DomainCase one) => new()
    {
        Domain = one.Domain,
        Managed = one.Managed,
        Minimum = one.Range.Minimum,
        Maximum = one.Range.Maximum,
        Weight = one.Weight,
        Demand = one.Managed ? one.Demand : null,
        Entitlement = one.TakesPart ? one.Entitlement : null,
        Target = one.Domain.Target is null ? null : one.Next,
        Health = one.Balloon.Health,
        Reason = new Reason(
            one.Verdict,
            one.Managed ? one.Demand : null,
            one.TakesPart ? one.Entitlement : null,
            one.Domain.Target,
            one.Domain.Target is null ? null : one.Next),
    };

    private static DomainState Remember(DomainCase one) => one.Before with
    {
        BootMemory = one.BootMemory,
        Demand = one.DemandState,
        Balloon = one.Balloon,
    };

    private static KiB Sum(DomainCase[] cases, Func<DomainCase, KiB> amount)
    {
        KiB sum = KiB.Zero;
        foreach (DomainCase one in cases) sum += amount(one);
        return sum;
    }
}
