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

    private static readonly Gen<TimeSpan> Time = Gen.Long[-1L << 50, 1L << 50].Select(TimeSpan.FromTicks);

    private static readonly Gen<DomainIdentity> Domain =
        Gen.Select(Gen.Int[0, 32751], Gen.Guid, (domid, uuid) => new DomainIdentity(domid, uuid));

    private static readonly Gen<DomainSettings> Settings = DomainSetting.All.Aggregate(
        Gen.Const(DomainSettings.None),
        (settings, setting) => Gen.Select(settings, Gen.Nullable(Gen.Long[setting.Least, setting.Most]), setting.Set));

    private static readonly Gen<ReservationClaim> Claim = Gen.Select(
        Domain,
        Size,
        Size,
        Size,
        Time,
        (domain, before, granted, owed, at) => new ReservationClaim(domain, before, granted, owed, at));

    private static readonly Gen<Reservation> Reservation = Gen.Select(
        Gen.Select(Gen.Long[1, 1L << 40], Size, Size, Gen.Bool),
        Gen.Select(Time, Gen.Nullable(Time), Gen.Nullable(Time), Gen.Nullable(Claim)),
        Gen.Select(Size, Gen.String, Gen.Int[0, 9999]),
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
            State = when.Item4 is null ? ReservationState.Ready : ReservationState.Claimed,
            Overtaken = who.Item1,
            For = Text(who.Item2),
            Owner = $":1.{who.Item3}",
            Held = what.Item2,
        });

    private static readonly Gen<RememberedState> State = Gen.Select(
        Gen.Dictionary(Gen.Guid, Settings),
        Gen.Dictionary(Domain, Size),
        Reservation.List[0, 8],
        Gen.Long[0, 1L << 50],
        (settings, overrides, reservations, lastId) => new RememberedState(
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

    /// <summary>As the daemon of version 0.1.0 wrote it.</summary>
    [Test]
    public void File_of_an_earlier_daemon_is_read_and_written_as_it_was()
    {
        const string Text =
            """
            {
              "version": 1,
              "boot_id": "b",
              "settings": [
                {
                  "uuid": "00000001-0002-0003-0405-060708090a0b",
                  "min_kib": 524288,
                  "max_kib": 1048577,
                  "weight": 200,
                  "pin_kib": 700000,
                  "managed": false
                },
                {
                  "uuid": "00000002-0002-0003-0405-060708090a0b"
                }
              ],
              "overrides": [],
              "last_reservation": 0,
              "reservations": []
            }
            """;
        RememberedState read = Read(Text, "b");

        Assert.That(read.Settings[Sample.Web], Is.EqualTo(new DomainSettings
        {
            Minimum = new KiB(524288),
            Maximum = new KiB(1048577),
            Weight = 200,
            Pin = new KiB(700000),
            Managed = false,
        }));
        Assert.That(read.Settings[Sample.Db], Is.EqualTo(DomainSettings.None));
        Assert.That(Write(read, "b"), Is.EqualTo(Text));
    }

    [Test]
    public void Names_are_for_people_and_members_without_a_value_may_be_null()
    {
        const string Text =
            """
            {"version":1,"boot_id":"b","overrides":[],"last_reservation":0,"reservations":[],"settings":[
            {"managed":null,"name":"web","qubes_reports":true,"swap":false,
            "uuid":"00000001-0002-0003-0405-060708090a0b","min_kib":null}]}
            """;

        Assert.That(Read(Text, "b").Settings[Sample.Web], Is.EqualTo(new DomainSettings { Swap = false, QubesReports = true }));
    }

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

    private static RememberedState Again(RememberedState state, string bootId, string nextBootId) =>
        Read(Write(state, bootId), nextBootId);

    private static string Write(RememberedState state, string bootId) =>
        JsonSerializer.Serialize(StateTranslation.ToFile(state, bootId), StateJson.Default.StateFile);

    private static RememberedState Read(string text, string bootId) =>
        StateTranslation.FromFile(JsonSerializer.Deserialize(text, StateJson.Default.StateFile)!, bootId);
}
