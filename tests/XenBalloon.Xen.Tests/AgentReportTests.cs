using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>The leaf of our own agent, whoever writes it.</summary>
internal sealed class AgentReportTests(string daemon) : XenStoreTest(daemon)
{
    private const string Leaf = "data/xenballoon";

    private TestDomain domain = null!;

    private GuestRing Guest => Guests[^1];

    [SetUp]
    public void Listen()
    {
        this.domain = Describe(5);
        Create(this.domain);
        Host.Observe();
    }

    [Test]
    public void A_record_is_a_report()
    {
        Say(available: 50_000);
        Assert.That(NextReport(this.domain).Available, Is.EqualTo(new KiB(50_000)));
    }

    [Test]
    public void The_same_record_again_is_no_report_for_every_record_has_a_number_of_its_own()
    {
        Say(available: 50_000);
        GuestReport first = NextReport(this.domain);

        Say(available: 50_000);
        Settle();

        Assert.That(Look(this.domain).Report, Is.SameAs(first));
    }

    [Test]
    public void XenServers_word_counts_no_more_while_our_agent_speaks_and_again_when_it_does_not()
    {
        Say(available: 50_000);
        GuestReport ours = NextReport(this.domain);
        Guest.Report(200_000, 60_000);
        Settle();
        Assert.That(Look(this.domain).Report, Is.SameAs(ours));

        Time.Advance(TimeSpan.FromMinutes(4));
        Guest.Report(200_000, 60_000);

        Assert.That(NextReport(this.domain, ours).Source, Is.EqualTo(ReportSource.XenServer));
    }

    [TestCase("")]
    [TestCase("v=2 total_kib=200000 available_kib=50000")]
    [TestCase("v=1 total_kib=200000 available_kib=-1")]
    [TestCase("v=1 total_kib=200000 available_kib=200001")]
    public void After_junk_the_report_before_is_known_to_be_of_another_time_until_the_next(string junk)
    {
        Say(available: 50_000);
        GuestReport good = NextReport(this.domain);

        Assert.That(Guest.Write(Leaf, junk), Is.Null);
        Eventually.True(() => Look(this.domain).Intake == ReportIntake.Unreadable, "the junk is seen");
        Assert.That(Look(this.domain).Report, Is.SameAs(good));

        Say(available: 40_000);
        NextReport(this.domain, good);
        Assert.That(Look(this.domain).Intake, Is.EqualTo(ReportIntake.Normal));
    }

    [Test]
    public void As_much_junk_as_a_guest_may_write_is_junk()
    {
        Assert.That(Guest.Write(Leaf, "v=1 " + new string('9', 2000)), Is.Null);
        Eventually.True(() => Look(this.domain).Intake == ReportIntake.Unreadable, "the junk is seen");
    }

    [Test]
    public void A_record_that_is_taken_away_is_nothing_new()
    {
        Say(available: 50_000);
        GuestReport good = NextReport(this.domain);

        for (int i = 0; i < 5; i++) Guest.Remove(Leaf);
        Settle();

        Assert.That(Look(this.domain).Report, Is.SameAs(good));
        Assert.That(Look(this.domain).Intake, Is.EqualTo(ReportIntake.Normal));
    }

    [Test]
    public void Permissions_that_its_owner_changes_are_nothing_new_and_do_not_keep_us_out()
    {
        Say(available: 50_000);
        GuestReport good = NextReport(this.domain);

        Assert.That(Guest.SetPermissions(Leaf, "n5"), Is.Null);
        Settle();
        Assert.That(Look(this.domain).Report, Is.SameAs(good));

        Say(available: 40_000);
        Assert.That(NextReport(this.domain, good).Available, Is.EqualTo(new KiB(40_000)));
    }

    [Test]
    public void XenServers_agents_are_heard_by_their_last_leaf_when_no_number_has_changed()
    {
        Guest.Report(200_000, 50_000);
        GuestReport first = NextReport(this.domain);

        Guest.Write("data/updated", "1");

        Assert.That(NextReport(this.domain, first).Used, Is.EqualTo(first.Used));
    }

    [Test]
    public void Numbers_of_XenServers_that_never_fit_together_are_junk_once_the_others_have_had_time_to_follow()
    {
        Guest.Report(200_000, 300_000);
        Settle();
        Assert.That(Look(this.domain).Intake, Is.EqualTo(ReportIntake.Normal), "its total may be on its way");

        Time.Advance(ReportCollector.Completion * 2);

        Assert.That(Look(this.domain).Intake, Is.EqualTo(ReportIntake.Unreadable));
    }

    [Test]
    public void The_question_is_readable_to_the_guest_and_goes_to_no_stranger_and_no_ghost()
    {
        var ask = new HostCommand(HostCommandKind.RequestReport, this.domain.Identity, KiB.Zero);
        Assert.That(Host.Execute(ask), Is.EqualTo(CommandOutcome.Done));
        Assert.That(Guest.Read("memory/xenballoon-ask"), Is.EqualTo("1"));
        Assert.That(Guest.Write("memory/xenballoon-ask", "2"), Is.EqualTo("EACCES"));

        Assert.That(Host.Execute(ask with { Domain = new DomainIdentity(5, Guid.NewGuid()) }).Status, Is.EqualTo(CommandStatus.DomainGone));
        Toolstack.Remove(this.domain.Home);
        Assert.That(Host.Execute(ask).Status, Is.EqualTo(CommandStatus.DomainGone));
        Assert.That(Toolstack.Read($"{this.domain.Home}/memory/xenballoon-ask"), Is.Null);
    }

    private void Say(long available) => Assert.That(Guest.Write(Leaf, $"v=1 seq=1 total_kib=200000 available_kib={available}"), Is.Null);
}
