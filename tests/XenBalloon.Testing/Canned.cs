using System.Collections.Immutable;
using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Testing;

/// <summary>A small host to publish: dom0, an idle domain <c>web</c> and a busy domain <c>db</c>.</summary>
public static class Canned
{
    /// <summary>The time of the newest balancing pass.</summary>
    public static readonly TimeSpan At = TimeSpan.FromSeconds(100);

    public static Guid Uuid(int domid) => new(domid, 0x1234, 0x5678, [1, 2, 3, 4, 5, 6, 7, 8]);

    public static DomainDecision Dom0 => new()
    {
        Domain = new DomainSnapshot
        {
            Identity = new DomainIdentity(0, Guid.Empty),
            Name = "Domain-0",
            Actual = KiB.FromMiB(1024),
            MaxMem = KiB.FromMiB(1024),
        },
        Kind = ReasonKind.Unmanaged,
    };

    public static DomainDecision Web =>
        Guest(3, "web", actual: 800, target: 750, inUse: 310, want: 372, ReasonKind.Shrinking, from: 800);

    public static DomainDecision Db =>
        Guest(7, "db", actual: 512, target: 562, inUse: 500, want: 600, ReasonKind.Growing, from: 512);

    public static Publication Host => Publish(Dom0, Web, Db);

    /// <summary>The wall-clock time of the newest balancing pass.</summary>
    public static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static Publication Publish(params ImmutableArray<DomainDecision> domains) => new(
        "0.1.0",
        "Xen 4.17",
        new BalancerSettings(),
        BalancerMode.Active,
        new Plan
        {
            At = At,
            Host = new HostDecision(
                KiB.FromMiB(4096),
                KiB.FromMiB(700),
                KiB.FromMiB(64),
                KiB.FromMiB(200),
                HostPressure.Demand,
                HostAlarm.None),
            Domains = domains,
            Ended = [],
            Commands = [],
        },
        [],
        Time);

    /// <summary>A gathering reservation of 512 MiB to 1 GiB for <c>big</c>, blocked by <c>db</c>.</summary>
    public static Reservation Reservation(long id, string owner = ":1.999") => new()
    {
        Id = id,
        Minimum = KiB.FromMiB(512),
        Maximum = KiB.FromMiB(1024),
        Owner = owner,
        For = "big",
        RequestedAt = At,
        Deadline = At + TimeSpan.FromSeconds(60),
        Eta = At + TimeSpan.FromSeconds(20),
        Held = KiB.FromMiB(100),
        Donations =
        [
            new Donation(
                new DomainIdentity(7, Uuid(7)),
                "db",
                KiB.FromMiB(800),
                KiB.FromMiB(400),
                KiB.Zero,
                DonorObstacle.Stuck),
        ],
    };

    public static DomainDecision Guest(
        int domid, string name, long actual, long target, long inUse, long want, ReasonKind kind, long from)
    {
        (KiB used, KiB needed, KiB wanted) = (KiB.FromMiB(inUse), KiB.FromMiB(inUse + 16), KiB.FromMiB(want));
        var demand = new DomainDemand(ReportVerdict.Fresh, used, needed, needed, wanted, wanted, wanted)
        {
            RecentPeak = KiB.FromMiB(Math.Max(inUse, actual - 20)),
        };
        return new DomainDecision
        {
            Domain = new DomainSnapshot
            {
                Identity = new DomainIdentity(domid, Uuid(domid)),
                Name = name,
                Actual = KiB.FromMiB(actual),
                MaxMem = KiB.FromMiB(actual) + new KiB(1024),
                Target = KiB.FromMiB(from),
                StaticMax = KiB.FromMiB(1024),
                Report = new GuestReport(
                    ReportSource.XenServer,
                    used,
                    KiB.FromMiB(actual),
                    At - TimeSpan.FromSeconds(5)),
            },
            Managed = true,
            Minimum = KiB.FromMiB(128),
            Maximum = KiB.FromMiB(1024),
            BootMemory = KiB.FromMiB(512),
            Weight = 100,
            Demand = demand,
            Entitlement = KiB.FromMiB(650),
            GuaranteedShare = KiB.FromMiB(600),
            Target = KiB.FromMiB(target),
            Health = BalloonHealth.Cooperative,
            Kind = kind,
        };
    }
}
