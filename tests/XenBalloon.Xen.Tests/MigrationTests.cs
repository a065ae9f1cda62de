using Microsoft.Extensions.Time.Testing;
using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>Domains that are saved, sent to another host, or arrive from one.</summary>
internal sealed class MigrationTests(string daemon) : XenStoreTest(daemon)
{
    private readonly TestDomain domain = Describe(5);

    [TestCase(false, null)]
    [TestCase(true, null)]
    [TestCase(false, 2)]
    public void Domain_that_libxl_sends_is_migrating_until_that_ends(bool paused, int? shutdownReason)
    {
        Create(domain);
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { Paused = paused, ShutdownReason = shutdownReason });
        DomainLifecycle before = Lifecycle();
        Processes.StartHelper(77, domain.Domid);
        Time.Advance(MigrationWatch.SearchInterval);
        Assert.That(Lifecycle(), Is.EqualTo(DomainLifecycle.Migrating));
        Processes.End(77);
        Assert.That(Lifecycle(), Is.EqualTo(before).And.Not.EqualTo(DomainLifecycle.Migrating));
    }

    [Test]
    public void Domain_that_is_received_is_being_built_until_it_has_a_target()
    {
        Hypervisor.Add(domain);
        Processes.StartHelper(77, domain.Domid, "--restore-domain");
        Assert.That(Lifecycle(), Is.EqualTo(DomainLifecycle.Building));
        Create(domain);
        Eventually.True(() => Lifecycle() == DomainLifecycle.Migrating, "it has a target");
    }

    [Test]
    public void Domain_that_crashed_while_it_was_sent_has_shut_down()
    {
        Create(domain);
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { ShutdownReason = 3 });
        Processes.StartHelper(77, domain.Domid);
        Assert.That(Lifecycle(), Is.EqualTo(DomainLifecycle.Shutdown));
    }

    [Test]
    public void Domain_that_arrived_is_migrating_until_it_runs()
    {
        TestDomain incoming = domain with { Name = "web--incoming" };
        Create(incoming);
        Hypervisor.Add(FakeHypervisor.Describe(incoming) with { Paused = true });
        Assert.That(Lifecycle(), Is.EqualTo(DomainLifecycle.Migrating));
        Hypervisor.Add(FakeHypervisor.Describe(incoming));
        Assert.That(Lifecycle(), Is.EqualTo(DomainLifecycle.Running), "its name alone shows nothing");
    }

    [Test]
    public void Domain_that_was_sent_is_migrating_until_it_is_destroyed_or_resumes()
    {
        TestDomain sent = domain with { Name = "web--migratedaway" };
        Create(sent);
        Hypervisor.Add(FakeHypervisor.Describe(sent) with { ShutdownReason = 2 });
        Assert.That(Lifecycle(), Is.EqualTo(DomainLifecycle.Migrating));
        Hypervisor.Add(FakeHypervisor.Describe(sent));
        Assert.That(Lifecycle(), Is.EqualTo(DomainLifecycle.Running));
    }

    private DomainLifecycle Lifecycle() => Snapshot(domain).Lifecycle;
}

/// <summary>How libxl's helper is found among the processes.</summary>
internal sealed class MigrationWatchTests
{
    private readonly FakeTimeProvider time = new();
    private string directory = null!;
    private ProcessList processes = null!;
    private MigrationWatch watch = null!;

    [SetUp]
    public void Start()
    {
        directory = Directory.CreateTempSubdirectory("proc-").FullName;
        processes = new ProcessList(directory);
        watch = new MigrationWatch(directory, new MonotonicClock(time));
    }

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(directory, recursive: true);

    [TestCase("--save-domain")]
    [TestCase("--restore-domain")]
    public void Helper_is_noticed_when_the_daemon_starts(string mode)
    {
        processes.StartHelper(77, 5, mode);
        watch.Update();
        Assert.That(watch.IsMoving(5));
        Assert.That(watch.IsMoving(6), Is.False);
    }

    [Test]
    public void Helper_is_noticed_when_it_starts_and_when_it_ends()
    {
        UpdateAfterSecond();
        processes.StartHelper(77, 5);
        UpdateAfterSecond();
        Assert.That(watch.IsMoving(5));
        processes.End(77);
        watch.Update();
        Assert.That(watch.IsMoving(5), Is.False);
    }

    [Test]
    public void Several_domains_are_sent_at_once()
    {
        processes.StartHelper(77, 5);
        processes.StartHelper(78, 6);
        watch.Update();
        Assert.That(watch.IsMoving(5) && watch.IsMoving(6));
    }

    [Test]
    public void Number_of_a_process_that_ended_may_be_given_to_another_helper()
    {
        processes.StartHelper(77, 5);
        watch.Update();
        processes.StartHelper(77, 6);
        processes.SetNewest(78);
        UpdateAfterSecond();
        Assert.That((watch.IsMoving(5), watch.IsMoving(6)), Is.EqualTo((false, true)));
    }

    [TestCase("/usr/sbin/xl", "--save-domain", "9", "-1", "5")]
    [TestCase("/usr/lib/xen/bin/libxl-save-helper", "--version", "9", "-1", "5")]
    [TestCase("/usr/lib/xen/bin/libxl-save-helper", "--save-domain", "9", "-1", "5x")]
    [TestCase("/usr/lib/xen/bin/libxl-save-helper", "--save-domain", "9", "-1")]
    [TestCase("/usr/lib/xen/bin/libxl-save-helper")]
    [TestCase("less", "/usr/lib/xen/bin/libxl-save-helper", "--save-domain", "9", "-1", "5")]
    public void Other_programs_are_not_taken_for_the_helper(params string[] command)
    {
        processes.StartNewest(77, command);
        watch.Update();
        Assert.That(watch.IsMoving(5), Is.False);
    }

    [Test]
    public void Processes_are_not_searched_again_while_none_starts()
    {
        processes.SetNewest(77);
        for (int i = 0; i < 10; i++) UpdateAfterSecond();
        Assert.That(watch.Searches, Is.EqualTo(2), "the second finds what the newest process became");
    }

    [Test]
    public void Process_that_was_forked_and_becomes_the_helper_is_noticed()
    {
        UpdateAfterSecond();
        processes.StartNewest(77, "xl", "migrate", "web", "other");
        UpdateAfterSecond();
        Assert.That(watch.IsMoving(5), Is.False);
        processes.StartHelper(77, 5);
        UpdateAfterSecond();
        Assert.That(watch.IsMoving(5));
    }

    [Test]
    public void Processes_that_have_run_for_long_are_not_read_again()
    {
        for (int process = 70; process < 80; process++) processes.StartNewest(process, "sleep");
        watch.Update();
        time.Advance(MigrationWatch.LongestStart);
        for (int process = 80; process < 83; process++)
        {
            processes.StartNewest(process, "sleep");
            UpdateAfterSecond();
        }

        int before = watch.Reads;
        processes.StartNewest(83, "sleep");
        UpdateAfterSecond();
        Assert.That(watch.Reads - before, Is.EqualTo(4), "those that have started since");
    }

    [Test]
    public void Processes_are_searched_once_a_second_while_some_start()
    {
        for (int i = 0; i < 40; i++)
        {
            processes.SetNewest(1000 + i);
            watch.Update();
            time.Advance(MigrationWatch.SearchInterval / 4);
        }

        Assert.That(watch.Searches, Is.EqualTo(10));
    }

    [Test]
    public void Missing_list_of_processes_shows_no_migration()
    {
        watch = new MigrationWatch(Path.Combine(directory, "missing"), new MonotonicClock(time));
        Assert.That(watch.Update, Throws.Nothing);
        Assert.That(watch.IsMoving(5), Is.False);
    }

    [Test]
    public void Real_process_is_noticed()
    {
        watch = new MigrationWatch("/proc", new MonotonicClock(time));
        UpdateAfterSecond();
        const int Domid = 31_234;
        using (new WaitingHelper(Domid))
        {
            Eventually.True(() => UpdateAfterSecond().IsMoving(Domid), "the helper is noticed");
        }

        watch.Update();
        Assert.That(watch.IsMoving(Domid), Is.False);
    }

    private MigrationWatch UpdateAfterSecond()
    {
        time.Advance(MigrationWatch.SearchInterval);
        watch.Update();
        return watch;
    }
}
