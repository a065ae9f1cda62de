using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Tests.State;

public sealed class StateTranslationTests
{
    private static readonly Gen<KiB> Size = Gen.Long[1, 1L << 40].Select(pages => new KiB(pages * KiB.PerPage));

    private static readonly Gen<TimeSpan> Time = Gen.Long[-1L << 50, 1L << 50].Select(ticks => TimeSpan.FromTicks(ticks));

    private static readonly Gen<DomainIdentity> Domain = Gen.Select(Gen.Int[0, 32751], Gen.Guid, (domid, uuid) => new DomainIdentity(domid, uuid));

    private static readonly Gen<DomainSettings> Settings = Gen.Select(
        Gen.Nullable(Size), Gen.Nullable(Size), Gen.Nullable(Gen.Int[1, 10_000]), Gen.Nullable(Size), Gen.Nullable(Gen.Bool), (minimum, maximum, weight, pin, managed) =>
            new DomainSettings { Minimum = minimum, Maximum = maximum, Weight = weight, Pin = pin, Managed = managed });

    private static readonly Gen<ReservationClaim> Claim =
        Gen.Select(Domain, Size, Size, Size, Time, (domain, before, granted, owed, at) => new ReservationClaim(domain, before, granted, owed, at));

    private static readonly Gen<Reservation> Reservation = Gen.Select(
        Gen.Select(Gen.Long[1, 1L << 40], Size, Size, Gen.Bool), Gen.Select(Time, Gen.Nullable(Time), Gen.Nullable(Time), Gen.Nullable(Claim)), Gen.Select(Size, Gen.String, Gen.Int[0, 9999]),
        (what, when, who) => new Reservation
        {
            Id = what.Item1,
            Minimum = what.Item2,
            Maximum = what.Item2 + what.Item3,
            Persistent = what.Item4,
            RequestedAt = when.Item1,
            Deadline = when.Item2,
            ReadyAt = when.Item3,
            Claim = when.Item4,
            State = when.Item4 is null ? ReservationState.Held : ReservationState.Claimed,
            Overtaken = who.Item1,
            For = Text(who.Item2),
            Owner = $":1.{who.Item3}",
            Held = what.Item2,
        });

    private static readonly Gen<RememberedState> State = Gen.Select(
        Gen.Dictionary(Gen.Guid, Settings), Gen.Dictionary(Domain, Size), Reservation.List[0, 8], Gen.Long[0, 1L << 50], (settings, overrides, reservations, lastId) => new RememberedState(
            settings.ToImmutableDictionary(),
            overrides.ToImmutableDictionary(),
            [],
            ReservationBook.Restore(reservations.DistinctBy(one => one.Id), lastId),
            Sample.ClockStart));

    [Test]
    public void Whatever_is_remembered_is_the_same_when_it_was_written_and_read_again() => State.Sample(
        state => Sameness.Told(Again(state, "this boot", "this boot")).SequenceEqual(Sameness.Told(state)), iter: 2000);

    [Test]
    public void Whatever_is_read_is_written_as_it_was() => State.Sample(
        state =>
        {
            string once = Write(state, "b");
            return Write(Read(once, "b"), "b") == once;
        },
        iter: 500);

    [Test]
    public void After_another_boot_settings_are_left_and_reservations_that_are_to_last_and_have_no_domain_yet()
    {
        RememberedState after = Again(Sample.State, "this boot", "the next");

        Assert.That(after.Settings, Is.EquivalentTo(Sample.State.Settings));
        Assert.That(after.Overrides, Is.Empty);
        Assert.That(after.Book.Open.Select(one => one.Id), Is.EqualTo(new[] { 1 }));
        Assert.That(after.Book.LastId, Is.EqualTo(9), "a number is never used again");
    }

    [Test]
    public void Times_are_those_of_the_wall_whatever_clock_the_next_daemon_has()
    {
        RememberedState after = Again(Sample.State, "b", "b");

        Reservation one = after.BookOn(Sample.ClockStart + TimeSpan.FromSeconds(130)).Open[0];

        Assert.That((one.RequestedAt, one.Deadline), Is.EqualTo((TimeSpan.FromSeconds(-30), TimeSpan.FromSeconds(30))));
    }

    /// <summary>Half of a surrogate pair is no text, and comes from no bus.</summary>
    private static string Text(string any) => string.Concat(any.Where(character => !char.IsSurrogate(character)));

    private static RememberedState Again(RememberedState state, string bootId, string nextBootId) => Read(Write(state, bootId), nextBootId);

    private static string Write(RememberedState state, string bootId) => JsonSerializer.Serialize(StateTranslation.ToFile(state, bootId), StateNames.Default.StateFile);

    private static RememberedState Read(string text, string bootId) => StateTranslation.FromFile(JsonSerializer.Deserialize(text, StateNames.Default.StateFile)!, bootId);
}
