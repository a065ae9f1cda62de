using System.Text;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.State;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.State;

/// <summary>Files that cannot be read are renamed, and the daemon starts without them.</summary>
public sealed class DamagedStateTests
{
    private const string Reservation =
        """{"id":1,"min_kib":4,"max_kib":8,"owner":":1.5","requested_at":"2026-11-28T08:00:00+00:00"}""";

    private const string Uuid = "00000001-0002-0003-0405-060708090a0b";

    private static readonly string ThisBoot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    private static readonly Random Random = new(1);

    private StateFolder folder;

    private static IEnumerable<TestCaseData<string, string>> Damaged =>
    [
        Case("", "JSON", "empty"),
        Case("null", "empty", "nothing"),
        Case("{\"version\":", "", "truncated"),
        Case("\0\0\0\0", "", "zeros"),
        Case("[]", "", "a list"),
        Case(With("\"version\":3"), "it has version 3: expected 1 to 2", "a later version"),
        Case(With("\"version\":0"), "it has version 0: expected 1 to 2", "no version"),
        Case("{\"version\":1}", "boot_id", "no boot"),
        Case(With("\"boot_id\":null"), "", "null for the boot"),
        Case("{\"version\":1,\"boot_id\":\"b\"}", "settings", "no lists"),
        Case(With("\"colour\":\"blue\""), "colour", "an unknown key"),
        Case(WithSettings("\"min_kxb\":4"), "unknown member 'min_kxb'", "an unknown key in an entry"),
        Case(WithSettings("\"min_kib\":\"4\""), "", "a text for a size"),
        Case(WithSettings("\"min_kib\":{\"weight\":4}"), "", "an object for a size"),
        Case(WithSettings("\"managed\":1"), "", "a number for a switch"),
        Case(WithSettings("\"weight\":1.5"), "'weight'", "a fraction for a weight"),
        Case(With("\"settings\":[{\"weight\":4}]"), "settings without a name or a uuid", "settings of no domain"),
        Case(With("\"settings\":[{\"name\":\"web\"}]"), "settings of 'web' without a uuid", "an old entry without"),
        Case(WithNew("{\"name\":\"\"}"), "a domain with an empty name", "an empty name"),
        Case(WithNew($"{{\"name\":\"web\",\"uuid\":\"{Uuid}\"}}"), "remove one of them", "a name and a UUID"),
        Case(WithNew("{\"name\":\"web\"},{\"name\":\"web\",\"weight\":2}"), "", "one name twice"),
        Case(With("\"settings\":[7]"), "settings are not an object", "a number for an entry"),
        Case(With("\"settings\":null"), "", "null for a list"),
        Case(With("\"settings\":[null]"), "an entry is null", "null in the settings"),
        Case(With("\"overrides\":[null]"), "an entry is null", "null in the overrides"),
        Case(With("\"reservations\":[null]"), "an entry is null", "null in the reservations"),
        Case(With("\"settings\":[{\"uuid\":\"x\"}]"), "", "no UUID"),
        Case(WithSettings("\"min_kib\":-4"), "invalid min '-4 KiB': expected a size", "a negative size"),
        Case(WithSettings("\"weight\":0"), "invalid weight '0': expected 1 to 10000", "no weight"),
        Case(
            With($"\"overrides\":[{{\"domid\":1,\"uuid\":\"{Uuid}\",\"target_kib\":99999999999999}}]"),
            "invalid size of 99999999999999 KiB",
            "a huge size"),
        Case(With("\"last_reservation\":-5"), "invalid reservation number -5", "a negative number"),
        Case(With("\"last_reservation\":9223372036854775807"), "invalid reservation number", "the last number"),
        Case(WithReservation("\"id\":1", "\"id\":0"), "invalid reservation number 0", "reservation 0"),
        Case(With($"\"reservations\":[{Reservation},{Reservation}]"), "two reservations 1", "one number twice"),
        Case(WithReservation("2026", "0001"), "has the time 0001", "a time before 1970"),
        Case(WithReservation("2026", "9999"), "has the time 9999", "a time after 2970"),
        Case(WithReservation("\"max_kib\":8", "\"max_kib\":0"), "from 4 to 0 KiB", "a maximum below the minimum"),
        Case(WithReservation("\":1.5\"", "null"), "", "no owner"),
    ];

    [SetUp]
    public void SetUp() => folder = new StateFolder();

    [TearDown]
    public void TearDown() => folder.Dispose();

    [TestCaseSource(nameof(Damaged))]
    public void Damaged_file_is_renamed_and_the_log_has_cause_and_remedy(string text, string why)
    {
        folder.Put(text);

        Assert.That(folder.Open().Read(), Is.SameAs(SavedState.Empty));
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json.bad" }));
        Assert.That(File.ReadAllText(folder.File + ".bad"), Is.EqualTo(text));
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(1));
        string remedy = $"renamed to {folder.File}.bad: to restore it, stop xenballoond, correct the file";
        Assert.That(folder.Log.Lines[0], Does.Contain(why).And.Contain(remedy));
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_is_refused_outside_its_bounds(DomainSetting setting)
    {
        string name = setting.Name.Replace('-', '_') + (setting.Kind == SettingKind.Size ? "_kib" : "");
        folder.Put(WithSettings($"\"{name}\":{setting.Most + 1}"));

        Assert.That(folder.Open().Read(), Is.SameAs(SavedState.Empty));
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(1));
    }

    [Test]
    public void Pipe_is_renamed_and_never_waited_for()
    {
        folder.Put("");
        File.Delete(folder.File);
        Assert.That(Command.Run("mkfifo", [folder.File]).Status, Is.Zero);

        Assert.That(folder.Open().Read(), Is.SameAs(SavedState.Empty));
        Assert.That(folder.Log.Lines.Single(), Does.Contain("it is not a file"));
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json.bad" }));
    }

    [Test]
    public void Backup_is_not_changed_when_a_new_state_is_saved()
    {
        folder.Put("damaged");
        StateStore store = folder.Open();
        store.Read();

        store.SaveIfChanged(Sample.State);

        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json", "state.json.bad" }));
        Assert.That(File.ReadAllText(folder.File + ".bad"), Is.EqualTo("damaged"));
    }

    [Test]
    public void Earlier_backups_are_kept_up_to_nine()
    {
        for (int i = 0; i < 12; i++)
        {
            folder.Put($"damaged {i}");
            folder.Open().Read();
        }

        IEnumerable<string> later = Enumerable.Range(2, 8).Select(number => $"state.json.bad.{number}");
        Assert.That(folder.Files(), Is.EqualTo(later.Prepend("state.json.bad")));
        Assert.That(File.ReadAllText(folder.File + ".bad"), Is.EqualTo("damaged 0"));
        Assert.That(File.ReadAllText(folder.File + ".bad.9"), Is.EqualTo("damaged 11"));
    }

    [Test]
    public void File_that_cannot_be_renamed_is_not_overwritten()
    {
        folder.Put("damaged");
        string first = folder.File + ".bad";
        string[] taken = [first, .. Enumerable.Range(2, 8).Select(number => $"{first}.{number}")];
        foreach (string name in taken) Directory.CreateDirectory(name);
        StateStore store = folder.Open();

        store.Read();
        Assert.That(folder.Log.Lines.Single(), Does.Contain("nothing is saved until the file is removed"));
        store.SaveIfChanged(Sample.State);
        Assert.That(() => store.Save(Sample.State, ""), Throws.InstanceOf<Bus.ControlException>());
        Assert.That(File.ReadAllText(folder.File), Is.EqualTo("damaged"));

        Directory.Delete(taken[^1]);
        store.SaveIfChanged(Sample.State);
        Assert.That(File.ReadAllText(taken[^1]), Is.EqualTo("damaged"));
        Assert.That(StateContent.Of(folder.Open().Read()), Is.EqualTo(StateContent.Of(Sample.State)));
    }

    [Test]
    public void File_that_appears_after_the_start_is_not_overwritten()
    {
        StateStore store = folder.Open();
        store.Read();
        folder.Put("on a file system that was mounted later");

        store.SaveIfChanged(Sample.State);

        Assert.That(File.ReadAllText(folder.File + ".bad"), Does.StartWith("on a file system"));
        Assert.That(folder.Log.Lines.Single(), Does.Contain("appeared after the start"));
        Assert.That(StateContent.Of(folder.Open().Read()), Is.EqualTo(StateContent.Of(Sample.State)));
    }

    [Test]
    public void File_with_an_IO_error_is_renamed_too()
    {
        Directory.CreateDirectory(folder.Name);
        File.CreateSymbolicLink(folder.File, "/proc/self/mem"); // reading its first page is an I/O error, also for root

        Assert.That(folder.Open().Read(), Is.SameAs(SavedState.Empty));
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json.bad" }));
        Assert.That(folder.Log.Lines, Has.Count.EqualTo(1));
    }

    [Test]
    public void Too_large_file_is_renamed_unread()
    {
        folder.Put("");
        using (FileStream large = File.OpenWrite(folder.File)) large.SetLength(65L << 20);

        folder.Open().Read();

        Assert.That(folder.Log.Lines.Single(), Does.Contain("it is larger than 64 MiB"));
        Assert.That(folder.Files(), Is.EqualTo(new[] { "state.json.bad" }));
    }

    [Test]
    public void Changed_bytes_never_stop_the_daemon_and_what_is_read_can_be_written()
    {
        folder.Open().SaveIfChanged(Sample.State);
        byte[] good = File.ReadAllBytes(folder.File);
        for (int i = 0; i < 1000; i++)
        {
            byte[] changed = [.. good];
            for (int changes = Random.Next(1, 4); changes > 0; changes--)
            {
                changed[Random.Next(changed.Length)] = (byte)Random.Next(256);
            }

            File.WriteAllBytes(folder.File, changed);
            StateStore store = folder.Open();
            SavedState read = store.Read();
            bool refused = ReferenceEquals(read, SavedState.Empty);
            Assert.That(File.Exists(folder.File), Is.Not.EqualTo(refused), () => Encoding.Latin1.GetString(changed));
            if (refused) continue;
            DateTimeOffset start = Sample.ClockStart;
            SavedState moved = read with
            {
                Guests = read.GuestsOn(start),
                Book = read.BookOn(start),
                ClockStart = start,
            };
            store.SaveIfChanged(moved);
            Assert.That(StateContent.Of(folder.Open().Read()), Is.EqualTo(StateContent.Of(moved)));
        }
    }

    private static TestCaseData<string, string> Case(string text, string why, string name) =>
        new TestCaseData<string, string>(text, why).SetArgDisplayNames(name);

    private static string WithNew(string settings) => With($"\"version\":2,\"settings\":[{settings}]");

    private static string WithSettings(string member) => With($"\"settings\":[{{\"uuid\":\"{Uuid}\",{member}}}]");

    private static string WithReservation(string good, string bad) =>
        With($"\"reservations\":[{Reservation.Replace(good, bad, StringComparison.Ordinal)}]");

    /// <summary>A good file, but for one more field; of two alike the later counts.</summary>
    private static string With(string field) =>
        $"{{\"version\":1,\"boot_id\":\"{ThisBoot}\",\"settings\":[],\"overrides\":[],\"last_reservation\":1,"
        + $"\"reservations\":[],{field}}}";
}
