using CsCheck;
using XenBalloon.Simulation.Files;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class ScenarioErrorTests
{
    private static readonly Gen<string> Pieces = Gen.OneOfConst(
        "[scenario]\n", "[guest a]\n", "[guest a*99999999]\n", "[guest \"", "[defaults]\n", "host = ", "memory = ", "anonymous = ", "at = ", "pass = ", "report = ", "cache = ",
        "balloon = ", "512m", "9999999999t", "5s", "99999999h", "1e999", "-1", "..", "+", "(", ")", ",", "*", "=", "#", "\n", "\r\n", "\0", "\uFEFF", "\uD800", "ramp ", "burst ", "sine ",
        "repeat ", "table ", "curve ", "mean ", "every ", " lasting ", "trace /dev/zero domain a", "oom = 0", "]", "stuck from ", "time_s,domain", ",1,");

    [Test]
    public void All_that_is_wrong_is_told_at_once_with_line_and_column()
    {
        string[] errors = Errors(
            """
            [scenario]
            host = 8
            sumary = x
            [guest a]
            memory = 512m
              memory = 1g
            anonymous = sinus mean 5m
            report = agent evry 1s
            at = 5s explode
            [gust b]
            what is this
            [guest c
            memory = 10m
            """);
        Assert.That(errors, Is.EqualTo(new[]
        {
            "x.scenario:2:8: '8' has no unit: write 8m for MiB, 8g for GiB or 8k for KiB",
            "x.scenario:3:1: unknown key 'sumary': did you mean 'summary'?",
            "x.scenario:6:3: 'memory' was said already in line 5: once is enough",
            "x.scenario:7:13: 'sinus' is no load: there are constant, steps, ramp, sine, burst, trace, (",
            "x.scenario:8:16: unknown word 'evry': did you mean 'every'?",
            "x.scenario:9:9: unknown word 'explode': there are pause, unpause, mem-set, mem-max, suspend, resume, save, restore, reboot, migrate, crash, destroy",
            "x.scenario:10:1: unknown section 'gust b': did you mean 'guest'?",
            "x.scenario:11:1: 'what is this' is neither a section nor a key: write [section], key = value, or # and a comment",
            "x.scenario:12:9: the section's title is not closed: here should be ']'",
            "x.scenario:13:1: cannot boot with 10 MiB, its kernel needs 64.2 MiB",
        }));
    }

    [TestCase("", "x.scenario: there is no section [scenario]: write one, with at least host = SIZE in it")]
    [TestCase("host = 1g", "x.scenario:1:1: this key is in no section: begin with [scenario]")]
    [TestCase("[scenario]", "x.scenario:1:1: the host has no memory: write host = SIZE")]
    [TestCase("[scenario]\nhost =", "x.scenario:2:7: here should be a size, such as 512m")]
    [TestCase("[scenario]\nhost = 9000000g", "x.scenario:2:8: '9000000g' is more memory than any machine has")]
    [TestCase("[scenario]\nhost = 1g 2g", "x.scenario:2:11: '2g' is one word too many")]
    [TestCase("[scenario]\n+ 1g", "x.scenario:2:1: there is no value that this line could go on with: only a value's further lines begin with '+'")]
    [TestCase("[scenario]\nhost = 1g\n[scenario]", "x.scenario:3:1: there is a section [scenario] already in line 1: once is enough")]
    [TestCase("[scenario]\nhost = 1g\nduration = 0s", "x.scenario:3:12: this is no time at all: write more than that")]
    [TestCase("[scenario]\nhost = 1g\nduration = 5", "x.scenario:3:12: '5' has no unit: write 5s for seconds, 5m for minutes or 5h for hours")]
    [TestCase("[scenario]\nhost = 1g\nduration = 99999h", "x.scenario:3:12: '99999h' is too long: write no more than 8784h")]
    [TestCase("[scenario]\nhost = 1g\nseed = -1", "x.scenario:3:8: '-1' is no whole number")]
    [TestCase("[scenario]\nhost = 1g\npass = oom", "x.scenario:3:8: invalid pass line 'oom': expected [POLICY] METRIC[@GUEST] COMPARISON BOUND, such as 'fair-share slowdown.p99 <= 1.05'")]
    [TestCase("[scenario]\nhost = 1g\n[guest]", "x.scenario:3:1: a guest's title is [guest NAME], [guest \"ANY NAME\"] or [guest NAME*COUNT]")]
    public void What_is_wrong_with_the_whole_is_told(string text, string expected) =>
        Assert.That(Errors(text), Does.Contain(expected));

    [TestCase("weight = 0", "'0' is not in range: write a whole number from 1 to 1000000")]
    [TestCase("anonymous = burst 5m every 10s lasting 20s", "a burst may last no longer than the 10s in which there is one")]
    [TestCase("anonymous = burst 5m every 10s lasting 5s..2s", "the longest burst is shorter than the shortest, 5s")]
    [TestCase("anonymous = sine mean 5m period 5s", "here should be 'amplitude' and not 'period'")]
    [TestCase("anonymous = ramp 5s 1m, 2s 1m", "2s is before 5s: write the points in order of time")]
    [TestCase("anonymous = (constant 5m", "here should be ')'")]
    [TestCase("anonymous = constant 5m vary 2", "'2' is not in range: write a number from 0 to 1")]
    [TestCase("anonymous = trace \"a.csv\" domain a", "other files can be named in files only")]
    [TestCase("cache = curve table 1 0.5, 2 0.6", "a larger cache cannot miss more: write misses that never rise")]
    [TestCase("cache = curve table 1 0.5, 1 0.4", "a curve's points must be in order of size, each larger than the one before and than 0")]
    [TestCase("balloon = shrink 5m", "'5m' is no rate: write a size in a second, such as 40k/s")]
    [TestCase("balloon = stutter 5s every 2s", "it cannot be stuck for 5s in each 2s")]
    [TestCase("balloon = slow slow", "'slow' was said already: once is enough")]
    [TestCase("report = delay 2m every 1m", "its reports must arrive before the next one is made")]
    [TestCase("memory = 511m", "'memory' was said already in line 4: once is enough")]
    [TestCase("maxmem = 256m", "boots with 512 MiB, more than its static maximum of 256 MiB")]
    public void What_is_wrong_with_a_guest_is_told(string key, string expected) =>
        Assert.That(Errors($"[scenario]\nhost = 8g\n[guest a]\nmemory = 512m\n{key}\n"), Has.Length.EqualTo(1).And.All.EndsWith(": " + expected));

    [Test]
    public void Two_guests_of_one_name_are_told() =>
        Assert.That(Errors("[scenario]\nhost = 8g\n[defaults]\nmemory = 512m\n[guest a]\n[guest a]\n")[0],
            Is.EqualTo("x.scenario:6:1: there is a guest a already in line 5: give one of them another name"));

    [Test]
    public void What_only_shows_once_all_is_read_is_told_with_the_rest()
    {
        string[] errors = Errors(
            """
            [scenario]
            host = 1g
            duration = 5m
            pass = oom@wbe = 0
            pass = fair oom = 0
            pass = oom@ = 0
            pass = oom <= sqeezed
            pass = honest.slowdown.p99 <= 1.05
            pass = starts.wait <= 10s
            nonsense
            [defaults]
            memory = 512m
            [guest web]
            weight = 20000
            at = 5m pause
            report = agent every 1s from 6m
            [guest db]
            maxmem = 256m
            balloon = stuck from 10m
            [guest web]
            anonymous = constant
            """);
        Assert.That(errors, Is.EqualTo(new[]
        {
            "x.scenario:4:8: there is no guest 'wbe': did you mean 'web'?",
            "x.scenario:5:8: unknown policy 'fair': expected one of fair-share, fair-share-lend, proportional, shares, static, squeezed, qmemman, "
                + "proxmox, mom, self-balloon, hyper-v, esx, senpai, oracle",
            "x.scenario:6:8: 'oom@' has no guest name after the @",
            "x.scenario:7:8: unknown policy 'sqeezed': expected one of fair-share, fair-share-lend, proportional, shares, static, squeezed, "
                + "qmemman, proxmox, mom, self-balloon, hyper-v, esx, senpai, oracle",
            "x.scenario:8:8: 'honest.slowdown.p99' is known only where a guest lies: let one report claims-all, claims-nothing or junk, or ask for another metric",
            "x.scenario:9:8: 'starts.wait' is known only where guests are started: give one a 'start = TIME', or ask for another metric",
            "x.scenario:10:1: 'nonsense' is neither a section nor a key: write [section], key = value, or # and a comment",
            "x.scenario:14:1: invalid weight '20000': expected 1 to 10000",
            "x.scenario:15:6: the scenario is over by then, it lasts 5m: write an earlier time, or a longer duration",
            "x.scenario:16:30: the scenario is over by then, it lasts 5m: write an earlier time, or a longer duration",
            "x.scenario:18:1: boots with 512 MiB, more than its static maximum of 256 MiB",
            "x.scenario:19:22: the scenario is over by then, it lasts 5m: write an earlier time, or a longer duration",
            "x.scenario:20:1: there is a guest web already in line 13: give one of them another name",
            "x.scenario:21:21: here should be a size, such as 512m",
        }));
    }

    [TestCase("host = 1g\n[guest a]\nmemory = 600m\n[guest b]\nmemory = 600m\nanonymous = junk",
        "x.scenario:2:1: dom0 and the guests begin with 1712 MiB, but the host has 1024 MiB")]
    [TestCase("host = 1g\ndom0 = 1000m", "x.scenario:2:1: dom0 and the slack are 1064 MiB, but the host has 1024 MiB")]
    [TestCase("host = 1g\n[guest a]\nmemory = 600m\nstart = 5s",
        "x.scenario:2:1: guest a can never start: it needs 600 MiB, and the host has 512 MiB beside dom0")]
    [TestCase("host = 1g\n[guest a]\nmemory = 500m\nstart = 10m",
        "x.scenario:5:9: the scenario is over by then, it lasts 10m: write an earlier time, or a longer duration")]
    public void What_does_not_fit_is_told_before_the_run(string text, string expected) =>
        Assert.That(Errors("[scenario]\n" + text), Does.Contain(expected));

    [TestCase("[guest a]\nmemroy = 512m", "x.scenario:4:1: unknown key 'memroy': did you mean 'memory'?")]
    [TestCase("[defaults]\nmemory = 512\n[guest a]",
        "x.scenario:4:10: '512' has no unit: write 512m for MiB, 512g for GiB or 512k for KiB")]
    [TestCase("duration = 1\n[guest a]\nmemory = 512m\nat = 5h pause",
        "x.scenario:3:12: '1' has no unit: write 1s for seconds, 1m for minutes or 1h for hours")]
    [TestCase("pass = oom@b = 0\n[gust b]\nmemory = 512m",
        "x.scenario:4:1: unknown section 'gust b': did you mean 'guest'?")]
    public void What_follows_from_another_mistake_is_not_told(string text, string expected) =>
        Assert.That(Errors("[scenario]\nhost = 2g\n" + text), Is.EqualTo(new[] { expected }));

    [Test]
    public void A_small_file_cannot_ask_for_any_number_of_guests() =>
        Assert.That(
            Errors("[scenario]\nhost = 8g\n[defaults]\nmemory = 512m\n" + string.Concat(Enumerable.Range(0, 6).Select(number => $"[guest {(char)('a' + number)}*1000]\n"))),
            Is.EqualTo(new[] { "x.scenario:10:1: these are more than 5000 guests" }));

    [Test]
    public void Parentheses_cannot_go_deeper_than_anyone_writes() =>
        Assert.That(Errors($"[scenario]\nhost = 8g\n[guest a]\nmemory = 512m\nanonymous = {new string('(', 100_000)}")[0], Does.EndWith("parentheses may be 32 deep"));

    [Test]
    public void There_are_no_more_errors_than_a_person_may_want_to_read_and_none_is_longer()
    {
        string[] errors = Errors(string.Concat(Enumerable.Repeat(new string('x', 10_000) + "\n", 1000)));
        Assert.That(errors, Has.Length.EqualTo(51));
        Assert.That(errors[^1], Is.EqualTo("x.scenario: only the first 50 errors are shown"));
        Assert.That(errors.Select(error => error.Length), Is.All.LessThan(400));
    }

    [Test]
    public void Control_characters_of_a_file_never_reach_a_terminal() =>
        Assert.That(Errors("[scenario]\nhost = \e[2J\0\n")[0].Any(char.IsControl), Is.False);

    [TestCase("x.scenario")]
    [TestCase("x.csv")]
    public void Whatever_a_file_holds_the_answer_is_a_scenario_or_what_is_wrong(string fileName) =>
        Gen.OneOf(Gen.String, Pieces.Array[0, 60].Select(string.Concat)).Sample(
            text =>
            {
                ScenarioReading reading = ScenarioFile.Parse(text, fileName);
                Assert.That(reading.Scenario is null, Is.EqualTo(reading.Errors.Length > 0));
                Assert.That(reading.Errors, Has.Length.LessThanOrEqualTo(51));
            },
            iter: 20_000);

    [Test]
    public void A_file_that_is_not_there_is_told() =>
        Assert.That(ScenarioFile.Load("/nowhere/x.scenario").Errors.Single().ToString(), Is.EqualTo("/nowhere/x.scenario: there is no such file"));

    [TestCase("/")]
    [TestCase("/dev/zero")]
    [TestCase("")]
    public void What_is_no_file_is_told(string path) => Assert.That(ScenarioFile.Load(path).Errors, Has.Length.EqualTo(1));

    private static string[] Errors(string text) => [.. ScenarioFile.Parse(text, "x.scenario").Errors.Select(error => error.ToString())];
}
