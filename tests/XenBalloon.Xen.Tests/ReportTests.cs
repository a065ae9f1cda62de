using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class ReportTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void What_is_found_when_a_watch_begins_is_no_report()
    {
        TestDomain domain = Describe(5);
        Create(domain).Report(200_000, 50_000);

        Host.Observe();
        Settle();

        Assert.That(Look(domain).Report, Is.Null);
    }

    [Test]
    public void What_the_guest_writes_later_is_a_report()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        guest.Report(200_000, 50_000);

        GuestReport report = NextReport(domain);
        Assert.That(report.Source, Is.EqualTo(ReportSource.XenServer));
        Assert.That(report.Used, Is.EqualTo(new KiB(150_000)));
        Assert.That(report.Total, Is.EqualTo(new KiB(200_000)));
        Assert.That(report.Available, Is.EqualTo(new KiB(50_000)));
    }

    [Test]
    public void The_same_value_written_again_is_a_new_report_with_a_later_time_and_none_is_from_the_future()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        GuestReport? previous = null;
        for (int i = 0; i < 5; i++)
        {
            guest.Report(200_000, 50_000);
            previous = NextReport(domain, previous);
        }

        Assert.That(previous!.ReceivedAt, Is.LessThan(Host.Observe().At));
    }

    [Test]
    public void The_agent_may_write_its_total_after_its_free()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        guest.Write("data/meminfo_free", "50000");
        Settle();
        Assert.That(Look(domain).Report, Is.Null);
        guest.Write("data/meminfo_total", "200000");

        Assert.That(NextReport(domain).Used, Is.EqualTo(new KiB(150_000)));
    }

    [TestCase("-1")]
    [TestCase("")]
    [TestCase("12e3")]
    [TestCase("50000 kB")]
    [TestCase("٥٠٠٠٠")]
    [TestCase("50\u0000000")]
    [TestCase("1000000000000000")]
    [TestCase("200001")]
    public void Junk_makes_no_report_and_takes_none_away(string junk)
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();
        guest.Report(200_000, 50_000);
        GuestReport good = NextReport(domain);

        Assert.That(guest.Write("data/meminfo_free", System.Text.Encoding.UTF8.GetBytes(junk)), Is.Null);
        Settle();

        Assert.That(Look(domain).Report, Is.EqualTo(good));
    }

    [Test]
    public void The_largest_value_a_guest_may_write_is_junk_like_any_other()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        Assert.That(guest.Write("data/meminfo_total", new string('9', 2000)), Is.Null);
        Assert.That(guest.Write("data/meminfo_free", [.. Enumerable.Repeat((byte)0xff, 2000)]), Is.Null);
        Settle();

        Assert.That(Look(domain).Report, Is.Null);
    }

    [Test]
    public void Nodes_below_a_leaf_and_beside_it_make_no_report()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        guest.Report(200_000, 50_000);
        Host.Observe();

        Assert.That(guest.Write("data/meminfo_free/x/y", "1"), Is.Null);
        Assert.That(guest.Write("data/other", "1"), Is.Null);
        Settle();

        Assert.That(Look(domain).Report, Is.Null);
    }

    [Test]
    public void A_guest_cannot_claim_to_use_more_than_it_can_have()
    {
        TestDomain domain = Describe(5) with { StaticMaxKiB = 524_288 };
        GuestRing guest = Create(domain);
        Host.Observe();

        guest.Report(999_999_999_999_999, 0);

        GuestReport report = NextReport(domain);
        Assert.That(report.Used, Is.EqualTo(new KiB(524_288)));
        Assert.That(report.Total, Is.EqualTo(new KiB(524_288)));
    }

    [Test]
    public void Qubes_word_counts_where_there_is_no_better_one()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Host.Observe();

        Assert.That(Admit(domain), Is.EqualTo(CommandOutcome.Done));
        Settle();
        Assert.That(Look(domain).Report, Is.Null, "an empty leaf is no report, and no junk");
        Assert.That(Look(domain).Intake, Is.EqualTo(ReportIntake.Normal));
        Assert.That(guest.Write("memory/meminfo", "123456"), Is.Null);
        GuestReport qubes = NextReport(domain);
        Assert.That(qubes, Is.EqualTo(new GuestReport(ReportSource.Qubes, new KiB(123_456), null, qubes.ReceivedAt)));

        guest.Report(200_000, 50_000);
        GuestReport better = NextReport(domain, qubes);
        Assert.That(better.Source, Is.EqualTo(ReportSource.XenServer));

        guest.Write("memory/meminfo", "123457");
        Settle();
        Assert.That(Look(domain).Report, Is.EqualTo(better));
    }

    [Test]
    public void Without_our_leave_a_guest_cannot_make_Qubes_leaf_and_with_it_nobody_else_may_look_there()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain), neighbour = Create(Describe(6));
        Assert.That(Look(domain).HasQubesLeaf, Is.False);
        Assert.That(guest.Write("memory/meminfo", "1"), Is.EqualTo("EACCES"));

        Admit(domain);

        Assert.That(Look(domain).HasQubesLeaf, Is.True);
        Assert.That(guest.Write("memory/meminfo", "1"), Is.Null);
        Assert.That(guest.Write("memory/target", "1"), Is.EqualTo("EACCES"));
        Assert.That(neighbour.Read($"{domain.Home}/memory/meminfo"), Is.EqualTo("error EACCES"));
        Assert.That(neighbour.Write($"{domain.Home}/memory/meminfo", "2"), Is.EqualTo("EACCES"));
    }

    [Test]
    public void A_leaf_that_Qubes_has_made_is_left_as_it_is()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        Toolstack.Write($"{domain.Home}/memory/meminfo", "7");

        Assert.That(Admit(domain), Is.EqualTo(CommandOutcome.Done));

        Assert.That(Toolstack.Read($"{domain.Home}/memory/meminfo"), Is.EqualTo("7"));
        Assert.That(guest.Write("memory/meminfo", "8"), Is.EqualTo("EACCES"));
    }

    [Test]
    public void A_new_domain_with_an_old_domid_starts_without_a_report()
    {
        TestDomain old = Describe(5);
        Create(old);
        Host.Observe();
        Toolstack.Write($"{old.Home}/memory/meminfo", "1000");
        NextReport(old);

        TestDomain young = Describe(5);
        Hypervisor.Add(young);

        Assert.That(Look(young).Report, Is.Null);
        Settle();
        Assert.That(Look(young).Report, Is.Null, "the watches are new, too");
    }

    private CommandOutcome Admit(TestDomain domain) => Host.Execute(new HostCommand(HostCommandKind.AdmitQubesReports, domain.Identity, KiB.Zero));
}
