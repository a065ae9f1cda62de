using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using XenBalloon.Bus;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.Startup;
using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Reconciling;
using XenBalloon.Daemon.Tests.State;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>What operators ask for, on a host with one guest and 1 GiB free, with real files.</summary>
public sealed class SteeringTests
{
    private static readonly DomainIdentity Web = new(3, Sample.Web), Nobody = new(9, Sample.Db);

    private StateFolder? folder;
    private IXenHost? host;
    private Reconciler? reconciler;
    private RecordingLogger<Steering>? log;
    private Steering? steering;
    private StateStore? store;
    private string? configuration;

    [SetUp]
    public void SetUp()
    {
        folder = new StateFolder();
        configuration = Path.GetTempFileName();
        host = Substitute.For<IXenHost>();
        host.Observe().Returns(_ => Snapshot());
        Start();
    }

    [TearDown]
    public void TearDown()
    {
        host.Dispose();
        folder.Dispose();
        File.Delete(configuration);
    }

    [Test]
    public void Kept_settings_are_known_to_the_next_daemon_and_transient_ones_are_not()
    {
        Set(false, (DomainSetting.Weight, 300));
        Set(true, (DomainSetting.Managed, 0));
        Assert.That(Settings, Is.EqualTo(new DomainSettings { Weight = 300, Managed = false }));

        Start();

        Assert.That(Settings, Is.EqualTo(new DomainSettings { Weight = 300 }));
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_is_kept_over_a_restart_and_returned_to_the_configuration(DomainSetting setting)
    {
        bool isSize = setting.Kind == SettingKind.Size;
        (long value, long other) = isSize ? (MiB(600), MiB(700)) : (setting.Least, setting.Least + 1);
        Configure($"[defaults]\n{setting} = {setting.Format(other)}\n");
        Start();

        Set(false, (setting, value));
        Start();
        Assert.That(setting.Get(Settings), Is.EqualTo(value));

        Set(false, (setting, null));
        Assert.That(setting.Get(Settings), Is.EqualTo(other));
        Start();
        Assert.That(setting.Get(Settings), Is.EqualTo(other));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Settings_that_cannot_be_kept_are_refused_and_can_still_be_set_until_the_daemon_ends(bool transient)
    {
        Directory.Delete(folder.Name, recursive: true);
        File.WriteAllText(folder.Name, "in the way");

        Action set = () => Set(transient, (DomainSetting.Weight, 300));

        if (transient) Assert.That(set, Throws.Nothing);
        else Assert.That(set, Throws.InstanceOf<ControlException>().With.Message.Contains("(--runtime)"));
        Assert.That(Settings.Weight, Is.EqualTo(transient ? 300 : null));
        Assert.That(log.Lines, Has.Count.EqualTo(transient ? 1 : 0));
    }

    [Test]
    public void One_invalid_setting_leaves_all_as_they_were()
    {
        Refused(
            ControlError.InvalidArgument,
            () => Set(false, (DomainSetting.Managed, 0), (DomainSetting.Weight, 20_000), (DomainSetting.Minimum, 4096)),
            "invalid weight '20000': expected 1 to 10000");

        Assert.That(reconciler.Runtime, Is.EqualTo(RuntimeSettings.None));
        Assert.That(log.Lines, Is.Empty);
    }

    [Test]
    public void Each_changed_setting_is_logged_in_its_own_words()
    {
        Set(false, (DomainSetting.Weight, 200), (DomainSetting.Minimum, MiB(512)), (DomainSetting.Pin, null));
        Set(true, (DomainSetting.Managed, 0), (DomainSetting.Minimum, null));

        Assert.That(log.Lines, Is.EqualTo(new[]
        {
            "web (3): min set to 512 MiB, kept",
            "web (3): weight set to 200, kept",
            "web (3): pin as configured",
            "web (3): min as kept or as configured",
            "web (3): managed set to no, until the daemon ends",
        }));
    }

    [Test]
    public void A_maximum_must_not_be_below_the_configured_minimum()
    {
        Set(true, (DomainSetting.Minimum, MiB(900)));
        reconciler.Look();
        Set(true, (DomainSetting.Minimum, null), (DomainSetting.Maximum, MiB(600)));

        Configure("[defaults]\nmin = 700m\n");
        steering.Reload();
        Refused(ControlError.InvalidArgument, () => Set(true, (DomainSetting.Maximum, MiB(600))));
    }

    [Test]
    public void Returning_to_the_configuration_is_refused_where_the_range_would_be_invalid()
    {
        Configure("[defaults]\nmin = 700m\n");
        steering.Reload();
        Set(true, (DomainSetting.Minimum, MiB(100)), (DomainSetting.Maximum, MiB(600)));

        Refused(ControlError.InvalidArgument, () => Set(true, (DomainSetting.Minimum, null)), "set both so that they");

        Set(true, (DomainSetting.Minimum, null), (DomainSetting.Maximum, null));
        Assert.That(Settings, Is.EqualTo(new DomainSettings { Minimum = KiB.FromMiB(700) }));
    }

    [Test]
    public void One_end_of_a_range_is_set_and_the_other_stays([Values] bool transient)
    {
        Set(transient, (DomainSetting.Minimum, MiB(500)), (DomainSetting.Maximum, MiB(900)));

        Set(!transient, (DomainSetting.Minimum, MiB(600)));
        Refused(ControlError.InvalidArgument, () => Set(transient, (DomainSetting.Maximum, MiB(599))));

        DomainSettings all = reconciler.Runtime.For(Web.Uuid);
        Assert.That((all.Minimum, all.Maximum), Is.EqualTo(((KiB?)KiB.FromMiB(600), (KiB?)KiB.FromMiB(900))));
        DomainSettings first = (transient ? reconciler.Runtime.Transient : reconciler.Runtime.Kept)[Web.Uuid];
        Assert.That(first.Maximum, Is.EqualTo(KiB.FromMiB(900)));
        Set(false, (DomainSetting.Maximum, null));
        Assert.That(reconciler.Runtime.For(Web.Uuid), Is.EqualTo(new DomainSettings { Minimum = KiB.FromMiB(600) }));
    }

    [Test]
    public void A_pin_is_held_against_the_range_of_the_same_call()
    {
        Refused(ControlError.BelowMinimum, () => Set(true, (DomainSetting.Pin, MiB(100))), "--min SIZE");
        Set(true, (DomainSetting.Pin, MiB(100)), (DomainSetting.Minimum, MiB(100)));
        Refused(
            ControlError.InvalidArgument,
            () => Set(true, (DomainSetting.Pin, MiB(800)), (DomainSetting.Maximum, MiB(700))),
            "--max SIZE");

        Assert.That(Settings.Pin, Is.EqualTo(KiB.FromMiB(100)));
    }

    [Test]
    public void A_domain_that_is_not_there_is_refused_with_how_to_see_them()
    {
        var heavy = new Dictionary<DomainSetting, long?> { [DomainSetting.Weight] = 300 };
        Refused(ControlError.NoSuchDomain, () => steering.SetDomain(Nobody, heavy, true), "'xenballoon list'");
        Refused(ControlError.NoSuchDomain, () => steering.Unpin(Nobody), "'xenballoon list'");
    }

    [Test]
    public void Unpin_takes_back_a_pin_and_says_where_one_is_that_it_cannot()
    {
        Set(false, (DomainSetting.Pin, MiB(600)));
        steering.Unpin(Web);
        Assert.That(Settings.Pin, Is.Null);

        Configure("[domain \"web\"]\npin = 700m\n");
        steering.Reload();
        string remedy = $"by the configuration, {configuration}: change it there and reload";
        Refused(ControlError.Failed, () => steering.Unpin(Web), remedy);
    }

    [Test]
    public void A_bad_configuration_is_refused_with_what_is_wrong_and_the_old_one_stays()
    {
        Configure("[host]\nslack = 512\n");

        Refused(ControlError.Failed, steering.Reload, $"the old settings stay: {configuration}:2: invalid slack");
        Assert.That(reconciler.Settings.Slack, Is.EqualTo(KiB.FromMiB(64)));
    }

    [Test]
    public void Reservations_are_numbered_without_end_also_over_a_restart()
    {
        Assert.That(steering.Reserve(Order()), Is.EqualTo(1));
        Assert.That(steering.Reserve(Order()), Is.EqualTo(2));
        steering.Cancel(2);
        store.Note(reconciler.Remembered); // as the loop does after each step

        Start();
        reconciler.Look();

        Assert.That(reconciler.Reservations.Open.Select(one => one.Id), Is.EqualTo(new[] { 1 }));
        Assert.That(steering.Reserve(Order()), Is.EqualTo(3));
    }

    [Test]
    public void What_is_more_than_the_host_has_and_what_makes_no_sense_is_refused_at_once()
    {
        void RefusedOrder(ControlError error, ReservationRequest order, string remedy) =>
            Refused(error, () => steering.Reserve(order), remedy);

        RefusedOrder(
            ControlError.NotEnoughMemory,
            Order() with { Minimum = KiB.FromMiB(2047), Maximum = KiB.FromMiB(2047) },
            "is more than this host has, 2048 MiB less 64 MiB of slack: ask for less");
        RefusedOrder(ControlError.InvalidArgument, Order() with { Maximum = KiB.FromMiB(1) }, "less than the minimum");
        RefusedOrder(ControlError.InvalidArgument, Order() with { Minimum = KiB.Zero }, "must be more than nothing");
        RefusedOrder(ControlError.InvalidArgument, Order() with { Maximum = new KiB(1L << 62) }, "any machine has");
        Assert.That(reconciler.Reservations.LastId, Is.Zero, "no number is lost either");
    }

    [Test]
    public void A_reservation_is_of_whole_pages_and_its_time_runs_from_now()
    {
        var within = TimeSpan.FromSeconds(30);
        steering.Reserve(Order() with { Minimum = new KiB(5), Maximum = new KiB(9), Within = within });

        Reservation one = reconciler.Reservations.Open.Single();
        Assert.That((one.Minimum, one.Maximum), Is.EqualTo((new KiB(8), new KiB(12))));
        Assert.That(one.Deadline - one.RequestedAt, Is.EqualTo(within));
    }

    [Test]
    public void What_is_not_ready_cannot_be_given_away_and_what_is_can_once()
    {
        long id = steering.Reserve(Order() with { Minimum = KiB.FromMiB(1900), Maximum = KiB.FromMiB(1900) });
        Refused(ControlError.NotReady, () => steering.Transfer(id, 3), "is not ready");
        long ready = steering.Reserve(Order());
        Refused(ControlError.NoSuchDomain, () => steering.Transfer(ready, 9), "'xenballoon list'");
        Refused(ControlError.InvalidArgument, () => steering.Transfer(ready, 0), "dom0");

        steering.Transfer(ready, 3);
        Assert.That(reconciler.Reservations.Open.Single(one => one.Id == ready).Claim?.Domain, Is.EqualTo(Web));
        reconciler.Look();
        Refused(ControlError.NoSuchReservation, () => steering.Transfer(ready, 3), "'xenballoon reservations'");
    }

    [Test]
    public void Whoever_leaves_takes_only_his_own_along_and_not_what_is_to_stay()
    {
        steering.Reserve(Order());
        steering.Reserve(Order() with { Persistent = true });
        steering.Reserve(Order() with { Owner = ":1.7" });

        steering.OwnerLeft(":1.5");

        Assert.That(reconciler.Reservations.Open.Select(one => one.Id), Is.EqualTo(new[] { 2, 3 }));
        Reservation ended = reconciler.Look().Plan.Ended.Single();
        Assert.That((ended.Id, ended.State), Is.EqualTo((1L, ReservationState.OwnerLeft)));
    }

    [Test]
    public void A_reservation_that_is_not_there_is_refused_with_how_to_see_them() =>
        Refused(ControlError.NoSuchReservation, () => steering.Cancel(7), "'xenballoon reservations'");

    private DomainSettings Settings => reconciler.Settings.For(Web, "web");

    private static long MiB(long mib) => KiB.FromMiB(mib).Value;

    private static ReservationRequest Order() => new(KiB.FromMiB(100), KiB.FromMiB(100), ":1.5");

    private static void Refused(ControlError error, Action change, string remedy = "")
    {
        ControlException refused = Assert.Throws<ControlException>(change)!;
        Assert.That(refused.Message, Does.Contain(remedy));
        Assert.That(refused.Error, Is.EqualTo(error));
    }

    private void Set(bool transient, params (DomainSetting Setting, long? Value)[] changes) =>
        steering.SetDomain(Web, changes.ToDictionary(change => change.Setting, change => change.Value), transient);

    private static HostSnapshot Snapshot() => new()
    {
        At = TimeSpan.FromSeconds(Environment.TickCount64 / 1000.0),
        Total = KiB.FromMiB(2048),
        Free = KiB.FromMiB(1024),
        Domains = [Domain(0, Guid.Empty, "Domain-0", 512), Domain(3, Sample.Web, "web", 512)],
    };

    private static DomainSnapshot Domain(int domid, Guid uuid, string name, long size) => new()
    {
        Identity = new DomainIdentity(domid, uuid),
        Name = name,
        Actual = KiB.FromMiB(size),
        Target = KiB.FromMiB(size),
        MaxMem = KiB.FromMiB(size + 1),
        StaticMax = KiB.FromMiB(1024),
        BootMemory = KiB.FromMiB(size),
    };

    private void Configure(string text) => File.WriteAllText(configuration, text);

    /// <summary>A daemon that begins on what is in the state directory.</summary>
    private void Start()
    {
        store = folder.Open();
        DaemonConfiguration read = ConfigurationReader.Read(configuration);
        var applier = new PlanApplier(host, NullLogger<PlanApplier>.Instance);
        reconciler = new Reconciler(host, applier, read, store, TimeProvider.System);
        log = new RecordingLogger<Steering>();
        var options = new DaemonOptions(configuration, Check: false, folder.Name);
        steering = new Steering(reconciler, store, new ServiceManager(TimeProvider.System), options, log);
        reconciler.Look();
        store.Note(reconciler.Remembered);
    }
}
