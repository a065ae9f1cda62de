using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class ScenarioFileTests
{
    [Test]
    public void Scenario_section_is_parsed()
    {
        Scenario scenario = Read(
            """
            # A comment.
            [scenario]
            name = mine
            summary = = two guests, "one" of them idle + free
            host = 1.5g
            dom0 = 256m
            slack = 32m
            keep-free = 100m
            seed = 18446744073709551615
            duration = 90s
            pass = oom = 0
            pass = squeezed slowdown.p99 <= 1.05
            pass = slowdown.mean <= 0.7 * static
            pass = oom <= peers + interval
            """);
        Assert.Multiple(() =>
        {
            Assert.That(scenario.Name, Is.EqualTo("mine"));
            Assert.That(scenario.Summary, Is.EqualTo("= two guests, \"one\" of them idle + free"));
            Assert.That(scenario.HostTotal, Is.EqualTo(KiB.FromMiB(1536)));
            Assert.That(scenario.Dom0Memory, Is.EqualTo(KiB.FromMiB(256)));
            Assert.That(scenario.Slack, Is.EqualTo(KiB.FromMiB(32)));
            Assert.That(scenario.KeepFree, Is.EqualTo(KiB.FromMiB(100)));
            Assert.That(scenario.Seed, Is.EqualTo(ulong.MaxValue));
            Assert.That(scenario.Duration, Is.EqualTo(TimeSpan.FromSeconds(90)));
            Assert.That(PassLine.Of(scenario).Select(line => line.ToString()), Is.EqualTo(new[]
            {
                "fair-share oom = 0",
                "squeezed slowdown.p99 <= 1.05",
                "fair-share slowdown.mean <= 0.7 * static",
                "fair-share oom <= peers + interval",
            }));
        });
    }

    [Test]
    public void Name_defaults_to_the_file_name()
    {
        ScenarioReading reading = ScenarioFile.Parse("[scenario]\nhost = 2g\n", "/some/where/web.scenario");
        Assert.That(reading.Scenario!.Name, Is.EqualTo("web"));
    }

    [Test]
    public void Missing_keys_have_documented_defaults()
    {
        Scenario scenario = Read("[guest a]\nmemory = 512m\n");
        GuestDescription guest = scenario.Guests.Single();
        Assert.Multiple(() =>
        {
            Assert.That(scenario.Dom0Memory, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(scenario.Slack, Is.EqualTo(KiB.FromMiB(64)));
            Assert.That(scenario.KeepFree, Is.Null);
            Assert.That(scenario.Seed, Is.EqualTo(1));
            Assert.That(scenario.Duration, Is.EqualTo(TimeSpan.FromMinutes(10)));
            Assert.That(guest, Is.EqualTo(new GuestDescription
            {
                Name = "a",
                BootMemory = KiB.FromMiB(512),
                StaticMax = KiB.FromMiB(512),
            }).UsingPropertiesComparer());
        });
    }

    [Test]
    public void Case_byte_order_mark_and_CRLF_do_not_matter()
    {
        string text = "\uFEFF[Scenario]\r\nHOST = 2G\r\n[GUEST a]\r\nMemory = 512M\r\nType = HVM\r\n";
        Assert.That(ScenarioFile.Parse(text, "a").Scenario!.Guests[0].Kind, Is.EqualTo(DomainKind.Hvm));
    }

    [Test]
    public void Defaults_apply_to_guests_without_the_key()
    {
        Scenario scenario = Read("[guest a]\nmin = 200m\n[guest b]\n[defaults]\nmemory = 512m\nmin = 100m\n");
        Assert.That(
            scenario.Guests.Select(guest => guest.Minimum),
            Is.EqualTo(new KiB?[] { KiB.FromMiB(200), KiB.FromMiB(100) }));
    }

    [Test]
    public void Maxmem_defaults_to_memory() =>
        Assert.That(Guest("").StaticMax, Is.EqualTo(KiB.FromMiB(512)));

    [Test]
    public void Repeated_guests_are_numbered()
    {
        Scenario scenario = Read("[guest vm*3]\nmemory = 512m\n");
        Assert.That(scenario.Guests.Select(guest => guest.Name), Is.EqualTo(["vm1", "vm2", "vm3"]));
    }

    [Test]
    public void Quoted_name_can_contain_signs() =>
        Assert.That(
            Read("[guest \"web [1]*3 + x=#ä_.\"]\nmemory = 512m\n").Guests[0].Name,
            Is.EqualTo("web [1]*3 + x=#ä_."));

    [Test]
    public void Simple_keys_of_a_guest_are_parsed()
    {
        GuestDescription guest = Guest(
            """
            type = hvm
            maxmem = 3g
            min = 200m
            max = 2g
            weight = 250
            populate-on-demand = yes
            offset = 384k
            kernel = 40m
            overcommit = 0.125
            start = 1.5s
            patience = 250ms
            build = 2m
            boot = 1h
            """);
        Assert.That(guest, Is.EqualTo(new GuestDescription
        {
            Name = "a",
            Kind = DomainKind.Hvm,
            BootMemory = KiB.FromMiB(512),
            StaticMax = KiB.FromMiB(3072),
            Minimum = KiB.FromMiB(200),
            Maximum = KiB.FromMiB(2048),
            Weight = 250,
            PopulatesOnDemand = true,
            Offset = new KiB(384),
            KernelOverhead = KiB.FromMiB(40),
            Overcommit = 0.125,
            CreatedAt = TimeSpan.FromSeconds(1.5),
            Patience = TimeSpan.FromMilliseconds(250),
            BuildTime = TimeSpan.FromMinutes(2),
            BootTime = TimeSpan.FromHours(1),
        }).UsingPropertiesComparer());
    }

    [Test]
    public void Loads_of_a_guest_are_parsed()
    {
        GuestDescription guest =
            Guest("anonymous = constant 1m\nfiles = constant 2m\ncold = constant 3m\nshared = constant 4k");
        Assert.Multiple(() =>
        {
            Assert.That(guest.Anonymous, Is.EqualTo(new ConstantLoad(KiB.FromMiB(1))));
            Assert.That(guest.Files, Is.EqualTo(new ConstantLoad(KiB.FromMiB(2))));
            Assert.That(guest.Cold, Is.EqualTo(new ConstantLoad(KiB.FromMiB(3))));
            Assert.That(guest.Shared, Is.EqualTo(new ConstantLoad(new KiB(4))));
        });
    }

    [TestCase("steps 0s 1m, 1.25s 2m, 1h 0m", typeof(StepLoad))]
    [TestCase("ramp 0s 1m, 1.25s 2m, 1h 0m", typeof(RampLoad))]
    public void Points_of_a_load_are_parsed(string text, Type kind)
    {
        Load load = Guest($"anonymous = {text}").Anonymous;
        Assert.That(load, Is.TypeOf(kind));
        Assert.That((load as StepLoad)?.Points ?? ((RampLoad)load).Points, Is.EqualTo(new LoadPoint[]
        {
            new(TimeSpan.Zero, KiB.FromMiB(1)),
            new(TimeSpan.FromSeconds(1.25), KiB.FromMiB(2)),
            new(TimeSpan.FromHours(1), KiB.Zero),
        }));
    }

    [TestCase("sine mean 100m amplitude 50m period 1m", 0)]
    [TestCase("sine mean 100m amplitude 50m period 1m phase -0.25", -0.25)]
    public void Sine_is_parsed(string text, double phase) => Assert.That(
        Guest($"anonymous = {text}").Anonymous,
        Is.EqualTo(new SineLoad(KiB.FromMiB(100), KiB.FromMiB(50), TimeSpan.FromMinutes(1), phase)));

    [TestCase("burst 100m every 10m lasting 10s..90s", 90)]
    [TestCase("burst 100m every 10m lasting 10s", 10)]
    public void Burst_is_parsed(string text, int longest) => Assert.That(
        Guest($"anonymous = {text}").Anonymous,
        Is.EqualTo(new BurstLoad(
            KiB.FromMiB(100), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(longest))));

    [Test]
    public void Loads_add_up_over_several_lines_and_modifiers_bind_tighter()
    {
        Load load = Guest(
            """
            anonymous = constant 300m
              # A comment between.
              + burst 100m every 10m lasting 10s..90s
              + (steps 0s 1m, 5s 2m + constant 3m) repeat 10s shift 1m vary 0.5
            """).Anonymous;
        Assert.Multiple(() =>
        {
            var sum = (SumLoad)load;
            Assert.That(sum.Parts[0], Is.EqualTo(new ConstantLoad(KiB.FromMiB(300))));
            Assert.That(sum.Parts[1], Is.EqualTo(new BurstLoad(
                KiB.FromMiB(100), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(90))));
            var varied = (VariedLoad)sum.Parts[2];
            Assert.That(varied.By, Is.EqualTo(0.5));
            var shifted = (ShiftedLoad)varied.Inner;
            Assert.That(shifted.UpTo, Is.EqualTo(TimeSpan.FromMinutes(1)));
            var repeated = (RepeatedLoad)shifted.Inner;
            Assert.That(repeated.Period, Is.EqualTo(TimeSpan.FromSeconds(10)));
            var inner = (SumLoad)repeated.Inner;
            Assert.That(inner.Parts[0], Is.TypeOf<StepLoad>());
            Assert.That(inner.Parts[1], Is.EqualTo(new ConstantLoad(KiB.FromMiB(3))));
            Assert.That(load.At(TimeSpan.Zero, 1).Value, Is.GreaterThanOrEqualTo(KiB.FromMiB(302).Value));
        });
    }

    [Test]
    public void Single_load_after_a_plus_is_a_sum()
    {
        var sum = (SumLoad)Guest("anonymous =\n  + constant 1m").Anonymous;
        Assert.That(sum.Parts, Is.EqualTo(new Load[] { new ConstantLoad(KiB.FromMiB(1)) }));
    }

    [TestCase("slow", 40, 40)]
    [TestCase("shrink 1m/s grow 2m/s", 1024, 2048)]
    public void Balloon_rates_are_parsed(string words, long shrink, long grow)
    {
        BalloonDescription balloon = Guest($"balloon = {words}").Balloon;
        Assert.That((balloon.ShrinkPerSecond.Value, balloon.GrowPerSecond.Value), Is.EqualTo((shrink, grow)));
    }

    [Test]
    public void Stuck_and_stuttering_balloons_are_parsed()
    {
        BalloonDescription stuck = Guest("balloon = stuck").Balloon;
        BalloonDescription various =
            Guest("balloon = stuck from 10s until 1m stutter 5s every 30s floor 300m ceiling 1g").Balloon;
        Assert.That(stuck, Is.EqualTo(BalloonDescription.Stuck));
        Assert.That(various, Is.EqualTo(new BalloonDescription
        {
            StuckFrom = TimeSpan.FromSeconds(10),
            StuckUntil = TimeSpan.FromMinutes(1),
            StuckEvery = TimeSpan.FromSeconds(30),
            StuckFor = TimeSpan.FromSeconds(5),
            HiddenFloor = KiB.FromMiB(300),
            Ceiling = KiB.FromMiB(1024),
        }));
    }

    [Test]
    public void Report_is_parsed()
    {
        string words = "agent every 1s delay 100ms from 1m until 2m claims-all";
        Assert.That(Guest($"report = {words}").Reporting, Is.EqualTo(new ReportingDescription
        {
            Source = ReportSource.Agent,
            Interval = TimeSpan.FromSeconds(1),
            Delay = TimeSpan.FromMilliseconds(100),
            StartsAt = TimeSpan.FromMinutes(1),
            StopsAt = TimeSpan.FromMinutes(2),
            Habit = ReportHabit.ClaimsAllUsed,
        }));
    }

    [TestCase("xenserver", ReportSource.XenServer)]
    [TestCase("agent", ReportSource.Agent)]
    [TestCase("qubes", ReportSource.Qubes)]
    public void Report_formats_are_parsed(string word, ReportSource source) =>
        Assert.That(Guest($"report = {word}").Reporting.Source, Is.EqualTo(source));

    [TestCase("honest", ReportHabit.Honest)]
    [TestCase("silent", ReportHabit.Silent)]
    [TestCase("claims-all", ReportHabit.ClaimsAllUsed)]
    [TestCase("claims-nothing", ReportHabit.ClaimsNothingUsed)]
    [TestCase("junk", ReportHabit.Junk)]
    [TestCase("flood", ReportHabit.Flooding)]
    [TestCase("fixed-total", ReportHabit.FixedTotal)]
    public void Report_habits_are_parsed(string word, ReportHabit habit) =>
        Assert.That(Guest($"report = {word}").Reporting.Habit, Is.EqualTo(habit));

    [TestCase("none", 0, 200)]
    [TestCase("size 512m", 512, 200)]
    [TestCase("speed 100m/s", 1024, 100)]
    [TestCase("size 2g speed 1m/s", 2048, 1)]
    public void Swap_is_parsed(string words, int sizeMiB, int speedMiB) => Assert.That(
        Guest($"swap = {words}").Swap,
        Is.EqualTo(new SwapDescription { Size = KiB.FromMiB(sizeMiB), PerSecond = KiB.FromMiB(speedMiB) }));

    private static IEnumerable<TestCaseData> Curves() =>
    [
        new("long-tail 1.5", new LongTailMissCurve(1.5)),
        new("exponential 0.05", new ExponentialMissCurve(0.05)),
        new("loop", new LoopMissCurve()),
        new("table 0.5 0.4, 1 1e-1", new TableMissCurve([new MissPoint(0.5, 0.4), new MissPoint(1, 0.1)])),
    ];

    [TestCaseSource(nameof(Curves))]
    public void Cache_is_parsed(string words, MissCurve curve) => Assert.That(
        Guest($"cache = working-set 800m lookups 2000.5 curve {words}").Cache,
        Is.EqualTo(new CacheDescription
        {
            WorkingSet = KiB.FromMiB(800),
            LookupsPerSecond = 2000.5,
            Curve = curve,
        }));

    [TestCase("pause", GuestEventKind.Pause)]
    [TestCase("unpause", GuestEventKind.Unpause)]
    [TestCase("suspend", GuestEventKind.Suspend)]
    [TestCase("save", GuestEventKind.Save)]
    [TestCase("reboot", GuestEventKind.Reboot)]
    [TestCase("migrate", GuestEventKind.MigrateAway)]
    [TestCase("crash", GuestEventKind.Crash)]
    [TestCase("destroy", GuestEventKind.Destroy)]
    public void Event_without_size_is_parsed(string word, GuestEventKind kind) =>
        Assert.That(
            Guest($"at = 90s {word}").Events.Single(), Is.EqualTo(new GuestEvent(TimeSpan.FromSeconds(90), kind)));

    [TestCase("suspend", "resume", GuestEventKind.Resume)]
    [TestCase("save", "restore", GuestEventKind.Restore)]
    public void Event_after_its_counterpart_is_parsed(string first, string word, GuestEventKind kind) =>
        Assert.That(Guest($"at = 5s {first}\nat = 90s {word}").Events[1].Kind, Is.EqualTo(kind));

    [TestCase("mem-set", GuestEventKind.SetTarget)]
    [TestCase("mem-max", GuestEventKind.SetMaxMem)]
    public void Event_with_size_is_parsed(string word, GuestEventKind kind) => Assert.That(
        Guest($"at = 90s {word} 300m").Events.Single(),
        Is.EqualTo(new GuestEvent(TimeSpan.FromSeconds(90), kind, KiB.FromMiB(300))));

    [Test]
    public void Events_are_sorted_by_time() =>
        Assert.That(Guest("at = 1m destroy\nat = 30s mem-set 300m").Events, Is.EqualTo(new[]
        {
            new GuestEvent(TimeSpan.FromSeconds(30), GuestEventKind.SetTarget, KiB.FromMiB(300)),
            new GuestEvent(TimeSpan.FromMinutes(1), GuestEventKind.Destroy),
        }));

    [TestCase("500ms", 0.5, "500ms")]
    [TestCase("5s", 5, "5s")]
    [TestCase("1.5m", 90, "90s")]
    [TestCase("60s", 60, "1m")]
    [TestCase("24H", 86400, "24h")]
    [TestCase("0.0000001s", 1e-7, "0.0000001s")]
    [TestCase("0s", 0, "0s")]
    public void Times_are_parsed_and_written(string text, double seconds, string written)
    {
        string? error = DurationText.Read(text, out TimeSpan duration);
        Assert.Multiple(() =>
        {
            Assert.That(error, Is.Null);
            Assert.That(duration, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
            Assert.That(DurationText.Write(duration), Is.EqualTo(written));
        });
    }

    private static GuestDescription Guest(string keys) =>
        Read($"[guest a]\nmemory = 512m\n{keys}\n").Guests.Single();

    private static Scenario Read(string text)
    {
        string whole = text.Contains("[scenario]", StringComparison.Ordinal) ? text : $"[scenario]\nhost = 8g\n{text}";
        ScenarioReading reading = ScenarioFile.Parse(whole, "test.scenario");
        Assert.That(reading.Errors, Is.Empty);
        return reading.Scenario!;
    }
}
