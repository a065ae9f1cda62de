using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests;

/// <summary>Guests that use the same all the time, on random hosts: memory finds its place and stays there.</summary>
public sealed class ConstantDemandTests
{
    /// <summary>Seconds in which a guest that was far too small has time to show what it uses.</summary>
    private const int Settling = 120;

    private static readonly Gen<(long Size, long Used, bool TellsOfWaiting, bool HasSwap)> Guests =
        Gen.Select(Gen.Long[200, 1500], Gen.Long[20, 1500], Gen.Bool, Gen.Bool);

    [Test]
    public void Once_all_have_shown_what_they_use_no_domain_changes_direction_more_than_once_in_ten_minutes() =>
        Gen.Select(Guests.Array[2, 5], Gen.Long[32, 600], Gen.Long[0, 300], Gen.Enum<SpareUse>()).Sample(
            (guests, free, keepFree, spare) =>
            {
                var host = new HostBuilder();
                for (int i = 0; i < guests.Length; i++) host.With(i + 1, guests[i].Size, 2048);
                host.WithFree(free);
                host.Settings = host.Settings with { KeepFree = KiB.FromMiB(keepFree), Spare = spare };
                var turns = new int[guests.Length];
                var lastWay = new int[guests.Length];
                for (int second = -Settling; second < 600; second++)
                {
                    KiB[] before = [.. guests.Select((_, i) => host[i + 1].Target!.Value)];
                    host.Passes(1);
                    for (int i = 0; i < guests.Length; i++) host.Reports(i + 1, guests[i].Used, Vitals(guests[i]));
                    host.Act();
                    for (int i = 0; i < guests.Length; i++)
                    {
                        int way = host[i + 1].Target!.Value.CompareTo(before[i]);
                        if (second < 0) continue;
                        if (way != 0 && lastWay[i] != 0 && way != lastWay[i]) turns[i]++;
                        if (way != 0) lastWay[i] = way;
                    }
                }

                return turns.All(count => count <= 1);
            },
            iter: Check.Iter / 2);

    private static GuestVitals? Vitals((long Size, long Used, bool TellsOfWaiting, bool HasSwap) guest) => !guest.TellsOfWaiting
        ? null
        : new GuestVitals { MemorySome = 0, SwapTotal = guest.HasSwap ? KiB.FromMiB(2048) : KiB.Zero, SwapUsed = KiB.Zero };
}
