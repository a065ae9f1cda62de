using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Logging;
using XenBalloon.Daemon.Tests.State;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>Requests on a host with one guest and 1 GiB free, with real files.</summary>
public sealed class RequestHandlerTests
{
    private static readonly DomainIdentity Web = new(3, Sample.Web), Missing = new(9, Sample.Db);

    private StateFolder folder;
    private IXenHost host;
    private HostBalancer balancer;
    private RecordingLogger<RequestHandler> log;
    private RequestHandler handler;
    private StateStore store;
    private string configuration;
    private Dom0Facts dom0;

    [SetUp]
    public void SetUp()
    {
        folder = new StateFolder();
        dom0 = Dom0Facts.Unknown;
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
    public void Kept_settings_survive_a_restart_and_transient_ones_do_not()
    {
        Set(false, (DomainSetting.Weight, 300));
        Set(true, (DomainSetting.Managed, 0));
        Assert.That(Settings, Is.EqualTo(new DomainSettings { Weight = 300, Managed = false }));

        Start();

        Assert.That(Settings, Is.EqualTo(new DomainSettings { Weight = 300 }));
    }

    [TestCaseSource(typeof(DomainSetting), nameof(DomainSetting.All))]
    public void Every_setting_survives_a_restart_and_can_be_removed(DomainSetting setting)
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
    public void Settings_that_cannot_be_saved_are_refused_unless_transient(bool transient)
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
    public void One_invalid_setting_changes_none_of_the_request()
    {
        Refused(
            ControlError.InvalidArgument,
            () => Set(false, (DomainSetting.Managed, 0), (DomainSetting.Weight, 20_000), (DomainSetting.Minimum, 4096)),
            "invalid weight '20000': expected 1 to 10000");

        Assert.That(balancer.Settings.Domains, Is.EqualTo(RuntimeSettings.None));
        Assert.That(log.Lines, Is.Empty);
    }

    [Test]
    public void Each_changed_setting_is_logged()
    {
        Set(false, (DomainSetting.Weight, 200), (DomainSetting.Minimum, MiB(512)), (DomainSetting.Pin, null));
        Set(true, (DomainSetting.Managed, 0), (DomainSetting.Minimum, null));

        Assert.That(log.Lines, Is.EqualTo(new[]
        {
            "web (3): min set to 512 MiB, kept for every domain named web",
            "web (3): weight set to 200, kept for every domain named web",
            "web (3): pin as configured",
            "web (3): min as kept or as configured",
            "web (3): managed set to no, until the daemon ends, for every domain named web",
        }));
    }

    [Test]
    public void Maximum_below_the_configured_minimum_is_refused()
    {
        Set(true, (DomainSetting.Minimum, MiB(900)));
        balancer.MakePlan();
        Set(true, (DomainSetting.Minimum, null), (DomainSetting.Maximum, MiB(600)));

        Configure("[defaults]\nmin = 700m\n");
        handler.Reload();
        Refused(ControlError.InvalidArgument, () => Set(true, (DomainSetting.Maximum, MiB(600))));
    }

    [Test]
    public void Removing_a_setting_is_refused_if_the_range_becomes_invalid()
    {
        Configure("[defaults]\nmin = 700m\n");
        handler.Reload();
        Set(true, (DomainSetting.Minimum, MiB(100)), (DomainSetting.Maximum, MiB(600)));

        Refused(ControlError.InvalidArgument, () => Set(true, (DomainSetting.Minimum, null)), "set both so that they");

        Set(true, (DomainSetting.Minimum, null), (DomainSetting.Maximum, null));
        Assert.That(Settings, Is.EqualTo(new DomainSettings { Minimum = KiB.FromMiB(700) }));
    }

    [Test]
    public void Setting_one_end_of_a_range_keeps_the_other([Values] bool transient)
    {
        Set(transient, (DomainSetting.Minimum, MiB(500)), (DomainSetting.Maximum, MiB(900)));

        Set(!transient, (DomainSetting.Minimum, MiB(600)));
        Refused(ControlError.InvalidArgument, () => Set(transient, (DomainSetting.Maximum, MiB(599))));

        DomainSettings all = balancer.Settings.Domains.For(Web.Uuid, "web");
        Assert.That((all.Minimum, all.Maximum), Is.EqualTo(((KiB?)KiB.FromMiB(600), (KiB?)KiB.FromMiB(900))));
        var layer = transient ? balancer.Settings.Runtime.Domains : balancer.Settings.Kept;
        DomainSettings first = layer[DomainKey.OfName("web")];
        Assert.That(first.Maximum, Is.EqualTo(KiB.FromMiB(900)));
        Set(false, (DomainSetting.Maximum, null));
        DomainSettings minimumOnly = new() { Minimum = KiB.FromMiB(600) };
        Assert.That(balancer.Settings.Domains.For(Web.Uuid, "web"), Is.EqualTo(minimumOnly));
    }

    [Test]
    public void Pin_is_checked_against_the_range_of_the_same_request()
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
    public void Missing_domain_is_refused_with_the_command_that_lists_them()
    {
        var heavy = new Dictionary<DomainSetting, long?> { [DomainSetting.Weight] = 300 };
        Refused(ControlError.NoSuchDomain, () => handler.SetDomain(Missing, heavy, true), "'xenballoon list'");
        Refused(ControlError.NoSuchDomain, () => handler.Unpin(Missing), "'xenballoon list'");
    }

    [Test]
    public void Unpin_removes_a_pin_and_names_the_file_of_a_configured_one()
    {
        Set(false, (DomainSetting.Pin, MiB(600)));
        handler.Unpin(Web);
        Assert.That(Settings.Pin, Is.Null);

        Configure("[domain \"web\"]\npin = 700m\n");
        handler.Reload();
        string remedy = $"by the configuration, {configuration}: change it there and reload";
        Refused(ControlError.Failed, () => handler.Unpin(Web), remedy);
    }

    [Test]
    public void Invalid_configuration_is_refused_with_its_errors_and_the_old_one_stays_in_force()
    {
        Configure("[host]\nslack = 512\n");

        string message = $"the old settings stay in force: {configuration}:2: invalid slack";
        Refused(ControlError.Failed, handler.Reload, message);
        Assert.That(balancer.Settings.ToBalancerSettings().Slack, Is.EqualTo(KiB.FromMiB(64)));
    }

    [Test]
    public void Configuration_above_the_host_is_refused_and_the_old_one_stays_in_force()
    {
        Configure("[host]\nkeep-free = 16g\n");

        Refused(ControlError.Failed, handler.Reload, "keep-free 16 GiB is not below this host's memory, 2048 MiB");
        Assert.That(balancer.Settings.ToBalancerSettings().KeepFree, Is.Null);
    }

    [Test]
    public void Reservation_for_another_domain_is_not_transferred()
    {
        long other = handler.Reserve(Request() with { For = "db" });
        long own = handler.Reserve(Request() with { For = "web" });
        long byUuid = handler.Reserve(Request() with { For = Web.Uuid.ToString() });
        balancer.MakePlan();

        Refused(ControlError.InvalidArgument, () => handler.Transfer(other, 3), "is for db, not for web (3)");
        handler.Transfer(own, 3);
        balancer.MakePlan();
        handler.Transfer(byUuid, 3);

        Assert.That(balancer.Reservations.Open.Single(each => each.Id == other).Claim, Is.Null);
    }

    [Test]
    public void Setting_the_mode_ends_a_restoration()
    {
        Restoration restoration = handler.Restore(TimeSpan.FromSeconds(60));

        handler.SetMode(BalancerMode.Active);

        string? error = restoration.Completion.Exception?.InnerException?.Message;
        Assert.That(error, Does.Contain("the mode was set to active"));
        Assert.That(balancer.Settings.ToBalancerSettings().Restores, Is.False);
    }

    [Test]
    public void Refused_mode_does_not_end_a_restoration()
    {
        dom0 = Ballooned;
        Restoration restoration = handler.Restore(TimeSpan.FromSeconds(60));

        Refused(ControlError.Failed, () => handler.SetMode(BalancerMode.Active));

        Assert.That(restoration.Completion.IsCompleted, Is.False);
        Assert.That(balancer.Settings.ToBalancerSettings().Restores, Is.True);
    }

    [Test]
    public void Mode_active_is_refused_while_xl_may_shrink_dom0()
    {
        dom0 = Ballooned;

        Refused(
            ControlError.Failed,
            () => handler.SetMode(BalancerMode.Active),
            "mode active is refused, since xl may shrink dom0 while memory is balanced (no dom0_mem on Xen's command "
                + "line): add dom0_mem=SIZE,max:SIZE");

        Assert.That(balancer.Settings.Mode, Is.EqualTo(BalancerMode.Observe));
        Assert.That(balancer.Settings.RequestedMode, Is.EqualTo(BalancerMode.Observe));
        dom0 = Fixed;
        handler.SetMode(BalancerMode.Active);
        Assert.That(balancer.Settings.Mode, Is.EqualTo(BalancerMode.Active));
    }

    [Test]
    public void Configured_mode_active_is_observe_while_xl_may_shrink_dom0()
    {
        dom0 = Ballooned;
        Configure("[host]\nmode = active\n");

        Start();

        Publication held = balancer.MakePlan();
        Assert.That(held.Mode, Is.EqualTo(BalancerMode.Observe));
        Assert.That(
            held.ModeReason,
            Does.StartWith("mode active is refused, since xl may shrink").And.Contain("allow-autoballoon = yes"));
        dom0 = Fixed;
        handler.SetMode(BalancerMode.Active);
        Publication active = balancer.MakePlan();
        Assert.That((active.Mode, active.ModeReason), Is.EqualTo((BalancerMode.Active, "")));
        Assert.That(log.Lines, Is.EqualTo(new[] { "mode changed to active" }));
    }

    [Test]
    public void Reload_applies_the_file_but_not_mode_active_while_xl_may_shrink_dom0()
    {
        dom0 = Ballooned;
        Configure("[host]\nmode = active\nslack = 32m\n");

        handler.Reload();

        Assert.That(balancer.Settings.Mode, Is.EqualTo(BalancerMode.Observe));
        Assert.That(balancer.Settings.ToBalancerSettings().Slack, Is.EqualTo(KiB.FromMiB(32)));
        Assert.That(
            log.Lines[^1],
            Does.StartWith("the mode is observe: mode active is refused, since xl may shrink dom0"));
        dom0 = Fixed;
        handler.Reload();
        Assert.That(balancer.Settings.Mode, Is.EqualTo(BalancerMode.Active));
    }

    [Test]
    public void Mode_active_is_allowed_by_the_configuration_although_xl_may_shrink_dom0()
    {
        dom0 = Ballooned;
        Configure("[host]\nmode = active\nallow-autoballoon = yes\n");

        Start();

        Assert.That(balancer.Settings.Mode, Is.EqualTo(BalancerMode.Active));
        Assert.That(balancer.Settings.ModeReason, Is.Null);
    }

    [Test]
    public void Mode_observe_set_at_run_time_stays_when_mode_active_is_no_longer_refused()
    {
        dom0 = Ballooned;
        Configure("[host]\nmode = active\n");
        Start();
        handler.SetMode(BalancerMode.Observe);
        dom0 = Fixed;

        handler.Reload();

        Assert.That(balancer.Settings.Mode, Is.EqualTo(BalancerMode.Observe));
    }

    [Test]
    public void Reservation_numbers_are_never_reused_also_after_a_restart()
    {
        Assert.That(handler.Reserve(Request()), Is.EqualTo(1));
        Assert.That(handler.Reserve(Request()), Is.EqualTo(2));
        handler.Cancel(2);
        store.SaveIfChanged(balancer.State); // as the loop does after each step

        Start();
        balancer.MakePlan();

        Assert.That(balancer.Reservations.Open.Select(reservation => reservation.Id), Is.EqualTo(new[] { 1 }));
        Assert.That(handler.Reserve(Request()), Is.EqualTo(3));
    }

    [Test]
    public void Persistent_reservation_that_cannot_be_saved_is_refused_and_uses_no_number()
    {
        File.CreateSymbolicLink(folder.File + ".new", "/dev/full");

        ControlException refused =
            Assert.Throws<ControlException>(() => handler.Reserve(Request() with { Persistent = true }))!;

        Assert.That(
            refused.Message,
            Does.Contain(folder.File).And.Contain("No space left").And.Contain("or reserve it without --persistent"));
        Assert.That(balancer.Reservations.Open, Is.Empty);
        Assert.That(handler.Reserve(Request()), Is.EqualTo(1));
    }

    [Test]
    public void Persistent_reservation_is_saved_when_it_is_granted()
    {
        long id = handler.Reserve(Request() with { Persistent = true });
        Assert.That(folder.Open().Read().Book.Open.Select(reservation => reservation.Id), Is.EqualTo(new[] { id }));
    }

    [Test]
    public void Impossible_and_invalid_reservations_are_refused_at_once()
    {
        void RefusedRequest(ControlError error, ReservationRequest request, string remedy) =>
            Refused(error, () => handler.Reserve(request), remedy);

        RefusedRequest(
            ControlError.NotEnoughMemory,
            Request() with { Minimum = KiB.FromMiB(2047), Maximum = KiB.FromMiB(2047) },
            "cannot reserve 2047 MiB: this host has 2048 MiB, less 64 MiB slack; request less");
        const ControlError Invalid = ControlError.InvalidArgument;
        RefusedRequest(Invalid, Request() with { Maximum = KiB.FromMiB(1) }, "expected at least the minimum");
        RefusedRequest(Invalid, Request() with { Minimum = KiB.Zero }, "expected more than 0");
        RefusedRequest(Invalid, Request() with { Maximum = new KiB(1L << 62) }, "any machine has");
        Assert.That(balancer.Reservations.LastId, Is.Zero, "no number is lost either");
    }

    [Test]
    public void Reservation_has_whole_pages_and_its_time_starts_now()
    {
        var within = TimeSpan.FromSeconds(30);
        handler.Reserve(Request() with { Minimum = new KiB(5), Maximum = new KiB(9), Within = within });

        Reservation reservation = balancer.Reservations.Open.Single();
        Assert.That((reservation.Minimum, reservation.Maximum), Is.EqualTo((new KiB(8), new KiB(12))));
        Assert.That(reservation.Deadline - reservation.RequestedAt, Is.EqualTo(within));
    }

    [Test]
    public void Only_a_ready_reservation_is_transferred_and_only_once()
    {
        long id = handler.Reserve(Request() with { Minimum = KiB.FromMiB(1900), Maximum = KiB.FromMiB(1900) });
        Refused(ControlError.NotReady, () => handler.Transfer(id, 3), "is not ready");
        long ready = handler.Reserve(Request());
        Refused(ControlError.NoSuchDomain, () => handler.Transfer(ready, 9), "'xenballoon list'");
        Refused(ControlError.InvalidArgument, () => handler.Transfer(ready, 0), "dom0");

        handler.Transfer(ready, 3);
        Reservation transferred = balancer.Reservations.Open.Single(reservation => reservation.Id == ready);
        Assert.That(transferred.Claim?.Domain, Is.EqualTo(Web));
        balancer.MakePlan();
        Refused(ControlError.NoSuchReservation, () => handler.Transfer(ready, 3), "'xenballoon reservations'");
    }

    [Test]
    public void Client_that_leaves_ends_its_own_reservations_except_persistent_ones()
    {
        handler.Reserve(Request());
        handler.Reserve(Request() with { Persistent = true });
        handler.Reserve(Request() with { Owner = ":1.7" });

        handler.OwnerLeft(":1.5");

        Assert.That(balancer.Reservations.Open.Select(reservation => reservation.Id), Is.EqualTo(new[] { 2, 3 }));
        Reservation ended = balancer.MakePlan().Plan.Ended.Single();
        Assert.That((ended.Id, ended.State), Is.EqualTo((1L, ReservationState.OwnerLeft)));
    }

    [Test]
    public void Held_domain_is_left_alone_until_it_is_released()
    {
        handler.Hold(Web, ":1.5");

        DomainDecision held = balancer.MakePlan().Find(Web)!;
        Assert.That(
            (held.Domain.Lifecycle, held.Reason.Kind),
            Is.EqualTo((DomainLifecycle.Migrating, ReasonKind.Migrating)));
        Assert.That(balancer.Latest.Holds.Single().Owner, Is.EqualTo(":1.5"));
        Assert.That(log.Lines, Is.EqualTo(new[] { "web (3): left alone while :1.5 saves or migrates it" }));

        handler.Release(Web, ":1.5");
        Assert.That(balancer.MakePlan().Find(Web)!.Domain.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Client_that_leaves_releases_the_domain_that_it_held()
    {
        handler.Hold(Web, ":1.5");
        handler.OwnerLeft(":1.5");
        Assert.That(balancer.MakePlan().Find(Web)!.Domain.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Only_a_guest_that_exists_is_held()
    {
        Refused(ControlError.NoSuchDomain, () => handler.Hold(Missing, ":1.5"), "'xenballoon list'");
        Refused(ControlError.NoSuchDomain, () => handler.Release(Missing, ":1.5"), "'xenballoon list'");
        Refused(ControlError.InvalidArgument, () => handler.Hold(new DomainIdentity(0, Guid.Empty), ":1.5"), "dom0");
    }

    [Test]
    public void Missing_reservation_is_refused_with_the_command_that_lists_them() =>
        Refused(ControlError.NoSuchReservation, () => handler.Cancel(7), "'xenballoon reservations'");

    private DomainSettings Settings => balancer.Settings.ToBalancerSettings().For(Web, "web");

    private static long MiB(long mib) => KiB.FromMiB(mib).Value;

    private static ReservationRequest Request() => new(KiB.FromMiB(100), KiB.FromMiB(100), ":1.5");

    private static Dom0Facts Ballooned => new("console=com1", new Version(4, 17), null);

    private static Dom0Facts Fixed => Ballooned with { XenCommandLine = "dom0_mem=1G,max:1G" };

    private static void Refused(ControlError error, Action change, string remedy = "")
    {
        ControlException refused = Assert.Throws<ControlException>(change)!;
        Assert.That(refused.Message, Does.Contain(remedy));
        Assert.That(refused.Error, Is.EqualTo(error));
    }

    private void Set(bool transient, params (DomainSetting Setting, long? Value)[] changes) =>
        handler.SetDomain(Web, changes.ToDictionary(change => change.Setting, change => change.Value), transient);

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

    /// <summary>Starts a daemon with the present state directory.</summary>
    private void Start()
    {
        store = folder.Open();
        var guard = new ActiveGuard(() => dom0);
        DaemonConfiguration read = guard.Check(ConfigurationReader.Read(configuration));
        var applier = new PlanApplier(host, NullLogger<PlanApplier>.Instance);
        balancer = new HostBalancer(host, applier, read, store, TimeProvider.System);
        log = new RecordingLogger<RequestHandler>();
        var manager = new ServiceNotifier(TimeProvider.System, Substitute.For<ISystemdNotifier>());
        handler = new RequestHandler(balancer, store, manager, guard, log);
        balancer.MakePlan();
        store.SaveIfChanged(balancer.State);
    }
}
