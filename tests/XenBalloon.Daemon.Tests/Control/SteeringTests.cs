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

/// <summary>What operators ask for, on a host with one guest and 1 GiB free, with a real state directory and configuration file.</summary>
public sealed class SteeringTests
{
    private static readonly DomainIdentity Web = new(3, Sample.Web), Nobody = new(9, Sample.Db);

    private static readonly DomainSettings Heavy = new() { Weight = 300 };

    private StateFolder folder;
    private IXenHost host;
    private Reconciler reconciler;
    private RecordingLogger<Steering> log;
    private Steering steering;
    private StateStore store;
    private string configuration;

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
    public void What_is_said_for_good_is_known_to_the_next_daemon_and_what_is_not_is_not()
    {
        steering.SetDomain(Web, DomainSetting.Weight, Heavy, transient: false);
        steering.SetDomain(Web, DomainSetting.Managed, new DomainSettings { Managed = false }, transient: true);
        Assert.That(reconciler.Settings.For(Web, "web"), Is.EqualTo(Heavy with { Managed = false }));

        Start();

        Assert.That(reconciler.Settings.For(Web, "web"), Is.EqualTo(Heavy));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void What_cannot_be_kept_is_refused_and_changes_nothing_and_for_the_time_being_it_is_possible(bool transient)
    {
        Directory.Delete(folder.Name, recursive: true);
        File.WriteAllText(folder.Name, "in the way");

        Action set = () => steering.SetDomain(Web, DomainSetting.Weight, Heavy, transient);

        if (transient) Assert.That(set, Throws.Nothing);
        else Assert.That(set, Throws.InstanceOf<ControlRefusedException>().With.Message.Contains("(--runtime)"));
        Assert.That(reconciler.Settings.For(Web, "web").Weight, Is.EqualTo(transient ? 300 : null));
        Assert.That(log.Lines, Has.Count.EqualTo(transient ? 1 : 0));
    }

    [Test]
    public void A_setting_that_cannot_be_meant_changes_nothing()
    {
        Refused(ControlRefusal.InvalidArgument, () => steering.SetDomain(Web, DomainSetting.Weight, new DomainSettings { Weight = 20_000 }, transient: false));

        Assert.That(reconciler.Runtime, Is.EqualTo(RuntimeSettings.None));
    }

    [Test]
    public void A_maximum_is_held_against_the_minimum_that_the_configuration_says()
    {
        steering.SetDomain(Web, DomainSetting.Range, new DomainSettings { Minimum = KiB.FromMiB(900) }, transient: true);
        reconciler.Look();
        steering.SetDomain(Web, DomainSetting.Range, new DomainSettings { Maximum = KiB.FromMiB(600) }, transient: true);

        Configure("[defaults]\nmin = 700m\n");
        steering.Reload();
        Refused(ControlRefusal.InvalidArgument, () => steering.SetDomain(Web, DomainSetting.Range, new DomainSettings { Maximum = KiB.FromMiB(600) }, transient: true));
    }

    [Test]
    public void One_end_of_a_range_is_set_and_the_other_holds_for_as_long_as_it_was_said_to([Values] bool transient)
    {
        steering.SetDomain(Web, DomainSetting.Range, new DomainSettings { Minimum = KiB.FromMiB(500), Maximum = KiB.FromMiB(900) }, transient);

        steering.SetDomain(Web, DomainSetting.Minimum, new DomainSettings { Minimum = KiB.FromMiB(600) }, !transient);
        Refused(ControlRefusal.InvalidArgument, () => steering.SetDomain(Web, DomainSetting.Maximum, new DomainSettings { Maximum = KiB.FromMiB(599) }, transient));

        DomainSettings said = reconciler.Runtime.For(Web.Uuid), first = (transient ? reconciler.Runtime.Transient : reconciler.Runtime.Kept)[Web.Uuid];
        Assert.That((said.Minimum, said.Maximum, first.Maximum), Is.EqualTo(((KiB?)KiB.FromMiB(600), (KiB?)KiB.FromMiB(900), (KiB?)KiB.FromMiB(900))));
        steering.SetDomain(Web, DomainSetting.Maximum, DomainSettings.None, transient: false);
        Assert.That(reconciler.Runtime.For(Web.Uuid), Is.EqualTo(new DomainSettings { Minimum = KiB.FromMiB(600) }));
    }

    [Test]
    public void A_domain_that_is_not_there_is_refused_with_how_to_see_them()
    {
        Refused(ControlRefusal.NoSuchDomain, () => steering.SetDomain(Nobody, DomainSetting.Weight, Heavy, transient: true), "'xenballoon list'");
        Refused(ControlRefusal.NoSuchDomain, () => steering.Unpin(Nobody), "'xenballoon list'");
    }

    [Test]
    public void Unpin_takes_back_a_pin_and_says_where_one_is_that_it_cannot()
    {
        steering.SetDomain(Web, DomainSetting.Pin, new DomainSettings { Pin = KiB.FromMiB(600) }, transient: false);
        steering.Unpin(Web);
        Assert.That(reconciler.Settings.For(Web, "web").Pin, Is.Null);

        Configure("[domain \"web\"]\npin = 700m\n");
        steering.Reload();
        Refused(ControlRefusal.Failed, () => steering.Unpin(Web), $"by the configuration, {configuration}: change it there and reload");
    }

    [Test]
    public void A_bad_configuration_is_refused_with_what_is_wrong_and_the_old_one_stays()
    {
        Configure("[host]\nslack = 512\n");

        Refused(ControlRefusal.Failed, steering.Reload, "the old settings stay: ");
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
        Refused(ControlRefusal.NotEnoughMemory, () => steering.Reserve(Order() with { Minimum = KiB.FromMiB(2047), Maximum = KiB.FromMiB(2047) }), "is more than this host has, 2048 MiB less 64 MiB of slack: ask for less");
        Refused(ControlRefusal.InvalidArgument, () => steering.Reserve(Order() with { Maximum = KiB.FromMiB(1) }), "is less than the minimum");
        Refused(ControlRefusal.InvalidArgument, () => steering.Reserve(Order() with { Minimum = KiB.Zero }), "must be more than nothing");
        Refused(ControlRefusal.InvalidArgument, () => steering.Reserve(Order() with { Maximum = new KiB(1L << 62) }), "more memory than any machine has");
        Assert.That(reconciler.Reservations.LastId, Is.Zero, "no number is lost either");
    }

    [Test]
    public void What_is_not_ready_cannot_be_given_away_and_what_is_can_once()
    {
        long id = steering.Reserve(Order() with { Minimum = KiB.FromMiB(1900), Maximum = KiB.FromMiB(1900) });
        Refused(ControlRefusal.NotReady, () => steering.Transfer(id, 3), "is not ready");
        long ready = steering.Reserve(Order());
        Refused(ControlRefusal.NoSuchDomain, () => steering.Transfer(ready, 9), "'xenballoon list'");
        Refused(ControlRefusal.InvalidArgument, () => steering.Transfer(ready, 0), "dom0");

        steering.Transfer(ready, 3);
        Assert.That(reconciler.Reservations.Open.Single(one => one.Id == ready).Claim?.Domain, Is.EqualTo(Web));
        reconciler.Look();
        Refused(ControlRefusal.NoSuchReservation, () => steering.Transfer(ready, 3), "'xenballoon reservations'");
    }

    [Test]
    public void Whoever_leaves_takes_only_his_own_along_and_not_what_is_to_stay()
    {
        steering.Reserve(Order());
        steering.Reserve(Order() with { Persistent = true });
        steering.Reserve(Order() with { Owner = ":1.7" });

        steering.OwnerLeft(":1.5");

        Assert.That(reconciler.Reservations.Open.Select(one => one.Id), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(reconciler.Look().Plan.Ended.Select(one => (one.Id, one.State)), Is.EqualTo(new[] { (1L, ReservationState.OwnerLeft) }));
    }

    [Test]
    public void A_reservation_that_is_not_there_is_refused_with_how_to_see_them() =>
        Refused(ControlRefusal.NoSuchReservation, () => steering.Cancel(7), "'xenballoon reservations'");

    private static ReservationOrder Order() => new(KiB.FromMiB(100), KiB.FromMiB(100), ":1.5", Persistent: false, Within: null, For: "");

    private static void Refused(ControlRefusal refusal, Action change, string remedy = "")
    {
        ControlRefusedException refused = Assert.Throws<ControlRefusedException>(change)!;
        Assert.That(refused.Message, Does.Contain(remedy));
        Assert.That(refused.Refusal, Is.EqualTo(refusal));
    }

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
        reconciler = new Reconciler(host, new PlanApplier(host, NullLogger<PlanApplier>.Instance), ConfigurationReader.Read(configuration), store, TimeProvider.System);
        log = new RecordingLogger<Steering>();
        steering = new Steering(reconciler, store, new ServiceManager(TimeProvider.System), new DaemonOptions(configuration, false, null, folder.Name), log);
        reconciler.Look();
        store.Note(reconciler.Remembered);
    }
}
