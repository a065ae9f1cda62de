using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class TraceTests
{
    private const string Recording =
        """
        # Recorded on a Tuesday.
        time_s,domain,actual_kib,max_kib,used_kib,total_kib,files_kib,min_kib,weight,host_kib
        1000,Domain-0,524288,524288,200000,,,,,4194304
        1000,web,1048576,2097152,400000,1000000,50000,262144,200,4194304
        1000,db,524288,1048576,300000,,,,,4194304
        1005,web,1048576,2097152,800000,1000000,70000,262144,200,4194304
        1005.5,late,524288,524288,100000,,,,,4194304
        1010,web,1048576,2097152,600000,1000000,60000,262144,200,4194304
        """;

    [Test]
    public void A_recording_becomes_a_scenario_in_which_guests_need_what_they_used()
    {
        Scenario scenario = ScenarioFile.Parse(Recording, "tuesday.csv").Scenario!;
        GuestDescription web = scenario.Guests[0];
        Assert.Multiple(() =>
        {
            Assert.That(scenario.Name, Is.EqualTo("tuesday"));
            Assert.That(scenario.HostTotal, Is.EqualTo(KiB.FromMiB(4096)));
            Assert.That(scenario.Dom0Memory, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(scenario.Duration, Is.EqualTo(TimeSpan.FromSeconds(10)));
            Assert.That(scenario.Guests.Select(guest => guest.Name), Is.EqualTo(["web", "db", "late"]));
            Assert.That(web.BootMemory, Is.EqualTo(KiB.FromMiB(1024)));
            Assert.That(web.StaticMax, Is.EqualTo(KiB.FromMiB(2048)));
            Assert.That((web.Minimum, web.Weight), Is.EqualTo(((KiB?)KiB.FromMiB(256), 200)));
            Assert.That(web.KernelOverhead, Is.EqualTo(new KiB(48576)));
            Assert.That(web.Anonymous.At(TimeSpan.FromSeconds(2.5), 1), Is.EqualTo(new KiB(600_000)));
            Assert.That(web.Files.At(TimeSpan.FromSeconds(5), 1), Is.EqualTo(new KiB(70_000)));
            Assert.That(web.CreatedAt, Is.Null);
            Assert.That(web.Events, Is.Empty);
        });
    }

    [Test]
    public void Domains_that_came_or_went_while_recording_do_so_again()
    {
        Scenario scenario = ScenarioFile.Parse(Recording, "tuesday.csv").Scenario!;
        Assert.That(scenario.Guests[1].Events.Single(), Is.EqualTo(new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.Destroy)));
        Assert.That(scenario.Guests[2].CreatedAt, Is.EqualTo(TimeSpan.FromSeconds(5.5)));
    }

    [Test]
    public void A_recorder_that_does_not_say_how_much_the_host_has_means_what_was_held_and_the_usual_slack()
    {
        Scenario scenario = ScenarioFile.Parse("time_s,domain,actual_kib,max_kib,used_kib\n0,a,524288,524288,1000\n", "a.csv").Scenario!;
        Assert.That(scenario.HostTotal, Is.EqualTo(KiB.FromMiB(512) + scenario.Dom0Memory + scenario.Slack));
    }

    [TestCase("", "t.csv: nothing was recorded: write a header and a row for each domain and moment")]
    [TestCase("0,a,1,1,1", "t.csv:1:1: the header has no time_s, domain, actual_kib, max_kib, used_kib")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kbi", "t.csv:1:34: unknown column 'used_kbi': did you mean 'used_kib'?")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kib\n0,a,1,1", "t.csv:2:1: this row has 4 cells and the header 5: write as many")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kib\nx,a,1,1,1", "t.csv:2:1: 'x' is no time: write seconds, such as 12.5")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kib\n0,a,1,1,-1", "t.csv:2:9: '-1' is no used_kib: write a whole number up to 1099511627776")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kib\n0,,1,1,1", "t.csv:2:3: a guest needs a name")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kib\n5,a,1,1,1\n5,a,1,1,1", "t.csv:3:1: 'a' has a later row above this one: write the rows in order of time")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kib\n5,a,1,1,1\n4,b,1,1,1", "t.csv:3:1: '4' is before the first row's time: write the rows in order of time")]
    public void What_is_wrong_with_a_recording_is_told(string text, string expected) =>
        Assert.That(ScenarioFile.Parse(text, "t.csv").Errors.Select(error => error.ToString()), Has.Some.EqualTo(expected));

    [Test]
    public void A_guest_can_follow_a_recording_that_lies_beside_the_scenario()
    {
        string directory = Directory.CreateTempSubdirectory("xenballoon-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "tuesday.csv"), Recording);
            Scenario scenario = Load("anonymous = trace \"tuesday.csv\" domain web + constant 1m\nfiles = trace tuesday.csv domain web column files_kib").Scenario!;
            Assert.That(scenario.Guests[0].Anonymous.At(TimeSpan.FromSeconds(5), 1), Is.EqualTo(new KiB(801_024)));
            Assert.That(scenario.Guests[0].Files.At(TimeSpan.FromSeconds(5), 1), Is.EqualTo(new KiB(70_000)));
            Assert.That(Load("anonymous = trace tuesday.csv domain wbe").Errors.Single().Message, Is.EqualTo("domain 'wbe' was not recorded: did you mean 'web'?"));
            Assert.That(Load("anonymous = trace monday.csv domain web").Errors.Single().Message, Is.EqualTo("'monday.csv': there is no such file"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        ScenarioReading Load(string keys)
        {
            string path = Path.Combine(directory, "replay.scenario");
            File.WriteAllText(path, $"[scenario]\nhost = 8g\n[guest a]\nmemory = 1g\n{keys}\n");
            return ScenarioFile.Load(path);
        }
    }
}
