using XenBalloon.Bus;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>Settings of domains: set, unpin, reload.</summary>
public sealed class SettingRequestTests : RequestHandlerTests
{
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
        Directory.Delete(Folder.Name, recursive: true);
        File.WriteAllText(Folder.Name, "in the way");

        Action set = () => Set(transient, (DomainSetting.Weight, 300));

        if (transient) Assert.That(set, Throws.Nothing);
        else Assert.That(set, Throws.InstanceOf<ControlException>().With.Message.Contains("(--runtime)"));
        Assert.That(Settings.Weight, Is.EqualTo(transient ? 300 : null));
        Assert.That(Log.Lines, Has.Count.EqualTo(transient ? 1 : 0));
    }

    [Test]
    public void One_invalid_setting_changes_none_of_the_request()
    {
        Refused(
            ControlError.InvalidArgument,
            () => Set(false, (DomainSetting.Managed, 0), (DomainSetting.Weight, 20_000), (DomainSetting.Minimum, 4096)),
            "invalid weight '20000': expected 1 to 10000");

        Assert.That(Balancer.Settings.Domains, Is.EqualTo(RuntimeSettings.None));
        Assert.That(Log.Lines, Is.Empty);
    }

    [Test]
    public void Each_changed_setting_is_logged()
    {
        Set(false, (DomainSetting.Weight, 200), (DomainSetting.Minimum, MiB(512)), (DomainSetting.Pin, null));
        Set(true, (DomainSetting.Managed, 0), (DomainSetting.Minimum, null));

        Assert.That(Log.Lines, Is.EqualTo(new[]
        {
            "web (3): min set to 512 MiB, kept for every domain named web, by xenballoond",
            "web (3): weight set to 200, kept for every domain named web, by xenballoond",
            "web (3): pin as configured, by xenballoond",
            "web (3): min as kept or as configured, by xenballoond",
            "web (3): managed set to no, until the daemon ends, for every domain named web, by xenballoond",
        }));
    }

    [Test]
    public void Maximum_below_the_configured_minimum_is_refused()
    {
        Set(true, (DomainSetting.Minimum, MiB(900)));
        Balancer.MakePlan();
        Set(true, (DomainSetting.Minimum, null), (DomainSetting.Maximum, MiB(600)));

        Configure("[defaults]\nmin = 700m\n");
        Handler.Reload();
        Refused(ControlError.InvalidArgument, () => Set(true, (DomainSetting.Maximum, MiB(600))));
    }

    [Test]
    public void Removing_a_setting_is_refused_if_the_range_becomes_invalid()
    {
        Configure("[defaults]\nmin = 700m\n");
        Handler.Reload();
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

        DomainSettings all = Balancer.Settings.Domains.For(Web.Uuid, "web");
        Assert.That((all.Minimum, all.Maximum), Is.EqualTo(((KiB?)KiB.FromMiB(600), (KiB?)KiB.FromMiB(900))));
        var layer = transient ? Balancer.Settings.Runtime.Domains : Balancer.Settings.Kept;
        DomainSettings first = layer[DomainKey.OfName("web")];
        Assert.That(first.Maximum, Is.EqualTo(KiB.FromMiB(900)));
        Set(false, (DomainSetting.Maximum, null));
        DomainSettings minimumOnly = new() { Minimum = KiB.FromMiB(600) };
        Assert.That(Balancer.Settings.Domains.For(Web.Uuid, "web"), Is.EqualTo(minimumOnly));
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
        Refused(ControlError.NoSuchDomain, () => Handler.SetDomain(Missing, heavy, true), "'xenballoon list'");
        Refused(ControlError.NoSuchDomain, () => Handler.Unpin(Missing), "'xenballoon list'");
    }

    [Test]
    public void Unpin_removes_a_pin_and_names_the_file_of_a_configured_one()
    {
        Set(false, (DomainSetting.Pin, MiB(600)));
        Handler.Unpin(Web);
        Assert.That(Settings.Pin, Is.Null);

        Configure("[domain \"web\"]\npin = 700m\n");
        Handler.Reload();
        string remedy = $"by the configuration, {ConfigurationFile}: change it there and reload";
        Refused(ControlError.Failed, () => Handler.Unpin(Web), remedy);
    }

    [Test]
    public void Invalid_configuration_is_refused_with_its_errors_and_the_old_one_stays_in_force()
    {
        Configure("[host]\nslack = 512\n");

        string message = $"the old settings stay in force: {ConfigurationFile}:2: invalid slack";
        Refused(ControlError.Failed, Handler.Reload, message);
        Assert.That(Balancer.Settings.ToBalancerSettings().Slack, Is.EqualTo(KiB.FromMiB(64)));
    }

    [Test]
    public void Configuration_above_the_host_is_refused_and_the_old_one_stays_in_force()
    {
        Configure("[host]\nkeep-free = 16g\n");

        Refused(ControlError.Failed, Handler.Reload, "keep-free 16 GiB is not below this host's memory, 2048 MiB");
        Assert.That(Balancer.Settings.ToBalancerSettings().KeepFree, Is.Null);
    }
}
