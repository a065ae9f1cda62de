using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>Hosts with too little memory for guests of every kind, to which anything happens at any time.</summary>
internal static class RandomScenarios
{
    private static readonly Gen<BalloonDescription> Balloon = Gen.OneOf(
        Gen.Const(BalloonDescription.Normal),
        Gen.Const(BalloonDescription.Slow),
        Gen.Const(BalloonDescription.Stuck),
        Gen.Int[300, 900].Select(mib => new BalloonDescription { HiddenFloor = KiB.FromMiB(mib) }),
        Gen.Int[600, 900].Select(mib => new BalloonDescription { Ceiling = KiB.FromMiB(mib) }),
        Gen.Select(Seconds(1, 20), Gen.Double[0, 1]).Select((every, part) => new BalloonDescription { StuckEvery = every, StuckFor = every * part }));

    private static readonly Gen<GuestEvent> Event = Gen.Select(Seconds(1, 100), Gen.Enum<GuestEventKind>(), Gen.Int[1, 3000])
        .Select((at, kind, mib) => new GuestEvent(at, kind, KiB.FromMiB(mib)));

    private static readonly Gen<GuestDescription> Guest =
        from balloon in Balloon
        from createdAt in Gen.Nullable(Seconds(0, 50))
        from patience in Gen.Nullable(Seconds(0, 50))
        from populates in Gen.Bool
        from offset in Gen.Int[0, 512]
        from anonymous in Gen.Int[16, 900]
        from bootTime in Seconds(0, 20)
        from events in Event.Array[0, 8]
        select VirtualHost.Guest() with
        {
            Kind = DomainKind.Hvm,
            Balloon = balloon,
            CreatedAt = createdAt,
            Patience = patience,
            PopulatesOnDemand = populates,
            Offset = new KiB(4 * offset),
            Anonymous = new ConstantLoad(KiB.FromMiB(anonymous)),
            BootTime = bootTime,
            Events = [.. events.OrderBy(happening => happening.At)],
        };

    /// <summary>Them all. Two guests in each can be there from the beginning.</summary>
    public static Gen<Scenario> All { get; } = Gen.Select(Guest.Array[2, 6], Gen.ULong, Gen.Int[1100, 3000]).Select((guests, seed, mib) =>
        VirtualHost.Hosting([.. guests.Select((guest, number) => Fitting(guest, number))]) with
        {
            HostTotal = KiB.FromMiB(512 + mib),
            Seed = seed,
        });

    private static GuestDescription Fitting(GuestDescription guest, int number)
    {
        TimeSpan? createdAt = number < 2 ? guest.CreatedAt : guest.CreatedAt ?? TimeSpan.FromSeconds(number);
        return guest with { Name = $"guest{number}", CreatedAt = createdAt, Events = [.. SoundEvents.Of(guest.Events, createdAt ?? TimeSpan.Zero)] };
    }

    private static Gen<TimeSpan> Seconds(int least, int most) => Gen.Int[least * 10, most * 10].Select(tenths => TimeSpan.FromSeconds(tenths / 10.0));
}
