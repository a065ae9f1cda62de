using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Tests.State;

public sealed class StateConversionTests
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
        Gen.Select(Time, Gen.Nullable(Time), Gen.Nullable(Time), Gen.Nullable(Claim), Gen.Nullable(Time)),
        Gen.Select(Size, Gen.String, Gen.Int[0, 9999]),
        (sizes, times, names) => new Reservation
        {
            Id = sizes.Item1,
            Minimum = sizes.Item2,
            Maximum = sizes.Item2 + sizes.Item3,
            Persistent = sizes.Item4,
            RequestedAt = times.Item1,
            Deadline = times.Item2,
            ReadyAt = times.Item3,
            Claim = times.Item4,
            ExpiresAt = times.Item5,
            State = times.Item4 is null ? ReservationState.Ready : ReservationState.Claimed,
            Overtaken = names.Item1,
            For = Text(names.Item2),
            Owner = $":1.{names.Item3}",
            Held = sizes.Item2,
        });

    private static readonly Gen<RememberedGuest> Guest = Gen.Select(
        Gen.Guid,
        Gen.String,
        Gen.Select(Size, Size, Gen.Nullable(Size), Gen.Nullable(Time), Gen.Nullable(Size)),
        (uuid, name, numbers) => new RememberedGuest(uuid, Text(name), numbers.Item1, numbers.Item2)
        {
            LeftWith = numbers.Item3,
            LeftAt = numbers.Item4,
            LeavingWith = numbers.Item5,
        });

    private static readonly Gen<string> Name = Gen.String.Select(Text).Where(name => name.Length > 0);

    private static readonly Gen<SavedState> State = Gen.Select(
        Gen.Dictionary(Gen.OneOf(Gen.Guid.Select(DomainKey.OfUuid), Name.Select(DomainKey.OfName)), Settings),
        Gen.Dictionary(Domain, Size),
        Gen.Dictionary(Domain, Size),
        Guest.List[0, 8],
        Reservation.List[0, 8],
        Gen.Long[0, 1L << 50],
        (settings, overrides, caps, guests, reservations, lastId) => new SavedState(
            settings.ToImmutableDictionary(),
            overrides.ToImmutableDictionary(),
            guests.DistinctBy(guest => guest.Uuid).ToImmutableDictionary(guest => guest.Uuid),
            ReservationBook.Restore(reservations.DistinctBy(reservation => reservation.Id), lastId),
            Sample.ClockStart)
        {
            // Some domains have both, some only one.
            CapBounds = caps.Concat(overrides.Take(2)).ToImmutableDictionary(),
        });

    [Test]
    public void Any_state_is_the_same_after_writing_and_reading() => State.Sample(
        state => StateContent.Of(WriteAndRead(state, "this boot", "this boot")).SequenceEqual(StateContent.Of(state)),
        iter: 2000);

    [Test]
    public void Any_file_is_the_same_after_reading_and_writing() => State.Sample(
        state =>
        {
            string once = Write(state, "b");
            return Write(Read(once, "b"), "b") == once;
        },
        iter: 500);

    /// <summary>Version 0.1.0 wrote no names.</summary>
    [Test]
    public void Settings_in_a_file_of_version_1_without_a_name_stay_with_the_UUID()
    {
        const string Settings =
            """
            {"uuid":"00000001-0002-0003-0405-060708090a0b","min_kib":524288,"max_kib":1048577,"weight":200,
            "pin_kib":700000,"managed":false},{"uuid":"00000002-0002-0003-0405-060708090a0b"}
            """;

        SavedState read = Read(Version1(Settings), "b");

        Assert.That(read.Settings[DomainKey.OfUuid(Sample.Web)], Is.EqualTo(new DomainSettings
        {
            Minimum = new KiB(524288),
            Maximum = new KiB(1048577),
            Weight = 200,
            Pin = new KiB(700000),
            Managed = false,
        }));
        Assert.That(read.Settings[DomainKey.OfUuid(Sample.Db)], Is.EqualTo(DomainSettings.None));
        Assert.That(Read(Write(read, "b"), "b").Settings, Is.EquivalentTo(read.Settings), "in the new form too");
    }

    [Test]
    public void Settings_in_a_file_of_version_1_with_a_name_hold_for_the_name()
    {
        const string Settings =
            """
            {"managed":null,"name":"web","qubes_reports":true,"swap":false,
            "uuid":"00000001-0002-0003-0405-060708090a0b","min_kib":null}
            """;

        DomainSettings expected = new() { Swap = false, QubesReports = true };
        Assert.That(Read(Version1(Settings), "b").Settings[DomainKey.OfName("web")], Is.EqualTo(expected));
    }

    /// <summary>A domain that migrates within the host has a name that differs by what xl adds to it.</summary>
    [TestCase("web")]
    [TestCase("web--incoming")]
    public void Settings_of_two_domains_with_one_name_stay_with_their_UUIDs(string second)
    {
        string settings =
            $$"""
            {"name":"web","uuid":"00000001-0002-0003-0405-060708090a0b","weight":2},
            {"name":"{{second}}","uuid":"00000002-0002-0003-0405-060708090a0b","weight":3}
            """;

        ImmutableDictionary<DomainKey, DomainSettings> read = Read(Version1(settings), "b").Settings;

        Assert.That(read[DomainKey.OfUuid(Sample.Web)].Weight, Is.EqualTo(2));
        Assert.That(read[DomainKey.OfUuid(Sample.Db)].Weight, Is.EqualTo(3));
    }

    [Test]
    public void File_has_a_name_or_a_UUID_for_each_domain()
    {
        string text = Write(Sample.State, "b");

        Assert.That(text, Does.Contain("\"version\": 2").And.Contain("\"name\": \"web\""));
        Assert.That(text, Does.Contain($"\"uuid\": \"{Sample.Db}\",\n      \"pin_kib\""));
    }

    [Test]
    public void After_a_reboot_settings_and_unclaimed_persistent_reservations_remain()
    {
        SavedState after = WriteAndRead(Sample.State, "this boot", "the next");

        Assert.That(after.Settings, Is.EquivalentTo(Sample.State.Settings));
        Assert.That(after.Overrides, Is.Empty);
        Assert.That(after.Book.Open.Select(reservation => reservation.Id), Is.EqualTo(new[] { 1 }));
        Assert.That(after.Book.LastId, Is.EqualTo(9), "numbers are never reused");
    }

    [Test]
    public void Times_are_converted_to_the_clock_of_the_next_daemon()
    {
        SavedState after = WriteAndRead(Sample.State, "b", "b");

        Reservation reservation = after.BookOn(Sample.ClockStart + TimeSpan.FromSeconds(130)).Open[0];

        Assert.That(reservation.RequestedAt, Is.EqualTo(TimeSpan.FromSeconds(-30)));
        Assert.That(reservation.Deadline, Is.EqualTo(TimeSpan.FromSeconds(30)));
    }

    private static string Version1(string settings) =>
        $$"""
        {"version":1,"boot_id":"b","overrides":[],"last_reservation":0,"reservations":[],"settings":[{{settings}}]}
        """;

    /// <summary>Without lone surrogates, which a bus never delivers.</summary>
    private static string Text(string any) => string.Concat(any.Where(character => !char.IsSurrogate(character)));

    private static SavedState WriteAndRead(SavedState state, string bootId, string nextBootId) =>
        Read(Write(state, bootId), nextBootId);

    private static string Write(SavedState state, string bootId) =>
        JsonSerializer.Serialize(StateConversion.ToFile(state, bootId), StateJson.Default.StateFile);

    private static SavedState Read(string text, string bootId) =>
        StateConversion.FromFile(JsonSerializer.Deserialize(text, StateJson.Default.StateFile)!, bootId);
}
