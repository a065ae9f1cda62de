using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class ScenarioFileTests
{
    [Test]
    public void The_scenario_section_says_what_the_host_is_and_what_is_asked()
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
            seed = 7
            duration = 90s
            pass = oom = 0
            pass = squeezed slowdown.p99 <= 1.05
            """);
        Assert.Multiple(() =>
        {
            Assert.That(scenario.Name, Is.EqualTo("mine"));
            Assert.That(scenario.Summary, Is.EqualTo("= two guests, \"one\" of them idle + free"));
            Assert.That(scenario.HostTotal, Is.EqualTo(KiB.FromMiB(1536)));
            Assert.That(scenario.Dom0Memory, Is.EqualTo(KiB.FromMiB(256)));
            Assert.That(scenario.Slack, Is.EqualTo(KiB.FromMiB(32)));
            Assert.That(scenario.Seed, Is.EqualTo(7));
            Assert.That(scenario.Duration, Is.EqualTo(TimeSpan.FromSeconds(90)));
            Assert.That(scenario.PassLines.Select(line => line.ToString()), Is.EqualTo(["fair-share oom = 0", "squeezed slowdown.p99 <= 1.05"]));
        });
    }

    [Test]
    public void A_scenario_that_does_not_name_itself_is_called_as_its_file() =>
        Assert.That(ScenarioFile.Parse("[scenario]\nhost = 2g\n", "/some/where/web.scenario").Scenario!.Name, Is.EqualTo("web"));

    [Test]
    public void Keys_and_words_may_be_in_any_case_and_lines_may_end_as_on_Windows() =>
        Assert.That(ScenarioFile.Parse("\uFEFF[Scenario]\r\nHOST = 2G\r\n[GUEST a]\r\nMemory = 512M\r\nType = HVM\r\n", "a").Scenario!.Guests[0].Kind, Is.EqualTo(DomainKind.Hvm));

    [Test]
    public void What_the_defaults_say_holds_for_every_guest_that_says_nothing_else()
    {
        Scenario scenario = Read("[guest a]\nmin = 200m\n[guest b]\n[defaults]\nmemory = 512m\nmin = 100m\n");
        Assert.That(scenario.Guests.Select(guest => guest.Minimum), Is.EqualTo(new KiB?[] { KiB.FromMiB(200), KiB.FromMiB(100) }));
    }

    [Test]
    public void A_guest_without_maxmem_can_have_its_memory_and_no_more() =>
        Assert.That(Guest("").StaticMax, Is.EqualTo(KiB.FromMiB(512)));

    [Test]
    public void Many_guests_alike_are_numbered() =>
        Assert.That(Read("[guest vm*3]\nmemory = 512m\n").Guests.Select(guest => guest.Name), Is.EqualTo(["vm1", "vm2", "vm3"]));

    [Test]
    public void A_name_in_quotes_may_have_anything_in_it() =>
        Assert.That(Read("[guest \"web [1]*3 + x\"]\nmemory = 512m\n").Guests[0].Name, Is.EqualTo("web [1]*3 + x"));

    [Test]
    public void Loads_add_up_over_several_lines_and_bind_tighter_to_what_is_done_to_them()
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
            Assert.That(sum.Parts[1], Is.EqualTo(new BurstLoad(KiB.FromMiB(100), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(90))));
            Assert.That(sum.Parts[2], Is.InstanceOf<VariedLoad>());
            Assert.That(((VariedLoad)sum.Parts[2]).Inner, Is.InstanceOf<ShiftedLoad>());
            Assert.That(load.At(TimeSpan.Zero, 1).Value, Is.GreaterThanOrEqualTo(KiB.FromMiB(302).Value));
        });
    }

    [TestCase("slow", 40, 40)]
    [TestCase("shrink 1m/s grow 2m/s", 1024, 2048)]
    public void A_balloon_has_a_speed_each_way(string words, long shrink, long grow)
    {
        BalloonDescription balloon = Guest($"balloon = {words}").Balloon;
        Assert.That((balloon.ShrinkPerSecond.Value, balloon.GrowPerSecond.Value), Is.EqualTo((shrink, grow)));
    }

    [Test]
    public void A_balloon_can_be_stuck_for_good_for_a_while_or_again_and_again()
    {
        BalloonDescription good = Guest("balloon = stuck").Balloon;
        BalloonDescription various = Guest("balloon = stuck from 10s until 1m stutter 5s every 30s floor 300m ceiling 1g").Balloon;
        Assert.That(good, Is.EqualTo(BalloonDescription.Stuck));
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
    public void A_report_has_a_form_an_interval_and_a_habit() =>
        Assert.That(Guest("report = agent every 1s delay 100ms from 1m until 2m claims-all").Reporting, Is.EqualTo(new ReportingDescription
        {
            Source = ReportSource.Agent,
            Interval = TimeSpan.FromSeconds(1),
            Delay = TimeSpan.FromMilliseconds(100),
            StartsAt = TimeSpan.FromMinutes(1),
            StopsAt = TimeSpan.FromMinutes(2),
            Habit = ReportHabit.ClaimsAllUsed,
        }));

    [TestCase("long-tail 2", typeof(LongTailMissCurve))]
    [TestCase("exponential 0.05", typeof(ExponentialMissCurve))]
    [TestCase("loop", typeof(LoopMissCurve))]
    [TestCase("table 0.5 0.4, 1 0.1", typeof(TableMissCurve))]
    public void A_cache_has_a_curve(string curve, Type kind)
    {
        CacheDescription cache = Guest($"cache = working-set 800m lookups 2000.5 curve {curve}").Cache;
        Assert.That(cache.Curve, Is.InstanceOf(kind));
        Assert.That((cache.WorkingSet, cache.LookupsPerSecond), Is.EqualTo((KiB.FromMiB(800), 2000.5)));
    }

    [Test]
    public void Events_may_stand_in_any_order_and_happen_in_that_of_time() =>
        Assert.That(Guest("at = 1m destroy\nat = 30s mem-set 300m").Events, Is.EqualTo(new[]
        {
            new GuestEvent(TimeSpan.FromSeconds(30), GuestEventKind.SetTarget, KiB.FromMiB(300)),
            new GuestEvent(TimeSpan.FromMinutes(1), GuestEventKind.Destroy),
        }));

    private static GuestDescription Guest(string keys) => Read($"[guest a]\nmemory = 512m\n{keys}\n").Guests.Single();

    private static Scenario Read(string text)
    {
        string whole = text.Contains("[scenario]", StringComparison.Ordinal) ? text : $"[scenario]\nhost = 8g\n{text}";
        ScenarioReading reading = ScenarioFile.Parse(whole, "test.scenario");
        Assert.That(reading.Errors, Is.Empty);
        return reading.Scenario!;
    }
}
