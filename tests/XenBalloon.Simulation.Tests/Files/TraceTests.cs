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
    public void Recording_becomes_a_scenario_with_the_used_memory_as_demand()
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
    public void Domains_are_created_and_destroyed_as_recorded()
    {
        Scenario scenario = ScenarioFile.Parse(Recording, "tuesday.csv").Scenario!;
        Assert.That(
            scenario.Guests[1].Events.Single(),
            Is.EqualTo(new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.Destroy)));
        Assert.That(scenario.Guests[2].CreatedAt, Is.EqualTo(TimeSpan.FromSeconds(5.5)));
    }

    [Test]
    public void Host_size_defaults_to_the_recorded_memory_and_the_slack()
    {
        Scenario scenario = ScenarioFile.Parse(
            "time_s,domain,actual_kib,max_kib,used_kib\n0,a,524288,524288,1000\n", "a.csv").Scenario!;
        Assert.That(scenario.HostTotal, Is.EqualTo(KiB.FromMiB(512) + scenario.Dom0Memory + scenario.Slack));
    }

    [TestCase("", "t.csv: empty recording: write a header and a row for each domain and time")]
    [TestCase("0,a,1,1,1", "t.csv:1:1: header without time_s, domain, actual_kib, max_kib, used_kib: add them")]
    [TestCase(
        "time_s,domain,actual_kib,max_kib,used_kbi",
        "t.csv:1:34: unknown column 'used_kbi': did you mean 'used_kib'?")]
    [TestCase(
        "time_s,domain,actual_kib,max_kib,used_kib\n0,a,1,1",
        "t.csv:2:1: row of 4 cells under a header of 5: write as many")]
    [TestCase(
        "time_s,domain,actual_kib,max_kib,used_kib\nx,a,1,1,1",
        "t.csv:2:1: invalid time 'x': write seconds, such as 12.5")]
    [TestCase(
        "time_s,domain,actual_kib,max_kib,used_kib\n0,a,1,1,-1",
        "t.csv:2:9: invalid used_kib '-1': write a whole number up to 1099511627776")]
    [TestCase("time_s,domain,actual_kib,max_kib,used_kib\n0,,1,1,1", "t.csv:2:3: missing guest name")]
    [TestCase(
        "time_s,domain,actual_kib,max_kib,used_kib\n5,a,1,1,1\n5,a,1,1,1",
        "t.csv:3:1: rows of 'a' out of order: sort them by time")]
    [TestCase(
        "time_s,domain,actual_kib,max_kib,used_kib\n5,a,1,1,1\n4,b,1,1,1",
        "t.csv:3:1: time '4' is before the first row: sort the rows by time")]
    public void Errors_of_a_recording_are_reported(string text, string expected) =>
        Assert.That(
            ScenarioFile.Parse(text, "t.csv").Errors.Select(error => error.ToString()), Has.Some.EqualTo(expected));

    [Test]
    public void Trace_is_read_from_the_directory_of_the_scenario()
    {
        string directory = Directory.CreateTempSubdirectory("xenballoon-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "tuesday.csv"), Recording);
            Scenario scenario = Load(
                "anonymous = trace \"tuesday.csv\" domain web + constant 1m\n"
                + "files = trace tuesday.csv domain web column files_kib").Scenario!;
            Assert.That(scenario.Guests[0].Anonymous.At(TimeSpan.FromSeconds(5), 1), Is.EqualTo(new KiB(801_024)));
            Assert.That(scenario.Guests[0].Files.At(TimeSpan.FromSeconds(5), 1), Is.EqualTo(new KiB(70_000)));
            Assert.That(
                Load("anonymous = trace tuesday.csv domain wbe").Errors.Single().Message,
                Is.EqualTo("domain 'wbe' is not in the recording: did you mean 'web'?"));
            Assert.That(
                Load("anonymous = trace monday.csv domain web").Errors.Single().Message,
                Is.EqualTo("'monday.csv': no such file"));
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
