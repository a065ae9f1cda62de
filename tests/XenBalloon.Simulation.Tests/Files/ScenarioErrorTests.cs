using CsCheck;
using XenBalloon.Simulation.Files;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class ScenarioErrorTests
{
    private static readonly Gen<string> Pieces = Gen.OneOfConst(
        "[scenario]\n", "[guest a]\n", "[guest a*99999999]\n", "[guest \"", "[defaults]\n", "host = ", "memory = ",
        "anonymous = ", "at = ", "pass = ", "report = ", "cache = ", "balloon = ", "512m", "9999999999t", "5s",
        "99999999h", "1e999", "-1", "..", "+", "(", ")", ",", "*", "=", "#", "\n", "\r\n", "\0", "\uFEFF", "\uD800",
        "ramp ", "burst ", "sine ", "repeat ", "table ", "curve ", "mean ", "every ", " lasting ",
        "trace /dev/zero domain a", "oom = 0", "]", "stuck from ", "time_s,domain", ",1,");

    [Test]
    public void All_errors_are_reported_at_once_with_line_and_column()
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
            "x.scenario:6:3: duplicate key 'memory': line 5 sets it already",
            "x.scenario:7:13: unknown load 'sinus': use one of constant, steps, ramp, sine, burst, trace, (",
            "x.scenario:8:16: unknown keyword 'evry': did you mean 'every'?",
            "x.scenario:9:9: unknown keyword 'explode': use one of pause, unpause, mem-set, mem-max, suspend, resume, "
                + "save, restore, reboot, migrate, crash, destroy",
            "x.scenario:10:1: unknown section 'gust b': did you mean 'guest'?",
            "x.scenario:11:1: 'what is this' is neither a section nor a key: "
                + "write [section], key = value, or # and a comment",
            "x.scenario:12:9: section title not closed: add ']'",
            "x.scenario:13:1: cannot boot with 10 MiB: its kernel needs 64.2 MiB",
        }));
    }

    [TestCase("", "x.scenario: no section [scenario]: write one with at least host = SIZE")]
    [TestCase("host = 1g", "x.scenario:1:1: key outside of a section: begin with [scenario]")]
    [TestCase("[scenario]", "x.scenario:1:1: host without memory: write host = SIZE")]
    [TestCase("[scenario]\nhost =", "x.scenario:2:7: expected a size, such as 512m")]
    [TestCase("[scenario]\nhost = 9000000g", "x.scenario:2:8: size '9000000g' is too large: write at most 1048576g")]
    [TestCase("[scenario]\nhost = 1g 2g", "x.scenario:2:11: unexpected '2g' after the value")]
    [TestCase(
        "[scenario]\n+ 1g",
        "x.scenario:2:1: no value to continue: a line that begins with '+' continues the value above")]
    [TestCase(
        "[scenario]\nhost = 1g\n[scenario]",
        "x.scenario:3:1: duplicate section [scenario]: the first one is in line 1")]
    [TestCase(
        "[scenario]\nhost = 1g\nduration = 0s",
        "x.scenario:3:12: invalid time of zero: write a longer one")]
    [TestCase(
        "[scenario]\nhost = 1g\nduration = 5",
        "x.scenario:3:12: '5' has no unit: write 5s for seconds, 5m for minutes or 5h for hours")]
    [TestCase(
        "[scenario]\nhost = 1g\nduration = 99999h",
        "x.scenario:3:12: time '99999h' is too long: write at most 8784h")]
    [TestCase("[scenario]\nhost = 1g\nseed = -1", "x.scenario:3:8: invalid number '-1': write a whole number")]
    [TestCase(
        "[scenario]\nhost = 1g\npass = oom",
        "x.scenario:3:8: invalid pass line 'oom': expected [POLICY] METRIC[@GUEST] COMPARISON BOUND, such as "
        + "'fair-share slowdown.p99 <= 1.05'")]
    [TestCase(
        "[scenario]\nhost = 1g\n[guest]",
        "x.scenario:3:1: invalid guest title: write [guest NAME], [guest \"ANY NAME\"] or [guest NAME*COUNT]")]
    public void Errors_of_the_scenario_section_are_reported(string text, string expected) =>
        Assert.That(Errors(text), Does.Contain(expected));

    [TestCase("weight = 0", "invalid weight '0': expected 1 to 10000")]
    [TestCase("anonymous = burst 5m every 10s lasting 20s", "a burst cannot be longer than its period of 10s")]
    [TestCase("anonymous = burst 5m every 10s lasting 5s..2s", "the longest burst is shorter than the shortest, 5s")]
    [TestCase("anonymous = sine mean 5m period 5s", "expected 'amplitude', found 'period'")]
    [TestCase("anonymous = ramp 5s 1m, 2s 1m", "points out of order: 2s after 5s: sort them by time")]
    [TestCase("anonymous = (constant 5m", "expected ')'")]
    [TestCase("anonymous = constant 5m vary 2", "invalid number '2': write a number from 0 to 1")]
    [TestCase("anonymous = trace \"a.csv\" domain a", "cannot read 'a.csv': the scenario is not a file")]
    [TestCase("cache = curve table 1 0.5, 2 0.6", "misses rise: a larger cache cannot miss more")]
    [TestCase("cache = curve table 1 0.5, 1 0.4", "points out of order: sort them by size, from more than 0")]
    [TestCase("balloon = shrink 5m", "invalid rate '5m': write a size per second, such as 40k/s")]
    [TestCase("balloon = stutter 5s every 2s", "stutter of 5s is longer than its period of 2s")]
    [TestCase("balloon = slow slow", "duplicate keyword 'slow'")]
    [TestCase("report = delay 2m every 1m", "report delay must be shorter than the report interval")]
    [TestCase("memory = 511m", "duplicate key 'memory': line 4 sets it already")]
    [TestCase("maxmem = 256m", "boot memory of 512 MiB exceeds the static maximum of 256 MiB")]
    public void Errors_of_a_guest_are_reported(string key, string expected) =>
        Assert.That(
            Errors($"[scenario]\nhost = 8g\n[guest a]\nmemory = 512m\n{key}\n"),
            Has.Length.EqualTo(1).And.All.EndsWith(": " + expected));

    [Test]
    public void Duplicate_guest_name_is_reported() =>
        Assert.That(Errors("[scenario]\nhost = 8g\n[defaults]\nmemory = 512m\n[guest a]\n[guest a]\n")[0],
            Is.EqualTo("x.scenario:6:1: duplicate guest name 'a': line 5 has it already"));

    [Test]
    public void Errors_across_sections_are_reported_with_all_others()
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
            "x.scenario:4:8: unknown guest 'wbe': did you mean 'web'?",
            "x.scenario:5:8: unknown policy 'fair': expected one of fair-share, fair-share-lend, proportional, "
                + "shares, static, squeezed, qmemman, proxmox, mom, self-balloon, hyper-v, esx, senpai, oracle",
            "x.scenario:6:8: 'oom@' has no guest name after the @",
            "x.scenario:7:8: unknown policy 'sqeezed': expected one of fair-share, fair-share-lend, proportional, "
                + "shares, static, squeezed, qmemman, proxmox, mom, self-balloon, hyper-v, esx, senpai, oracle",
            "x.scenario:8:8: 'honest.slowdown.p99' requires a guest with false reports: "
                + "set the report of a guest to claims-all, claims-nothing or junk, or use another metric",
            "x.scenario:9:8: 'starts.wait' requires a guest with a start time: "
                + "write 'start = TIME' for a guest, or use another metric",
            "x.scenario:10:1: 'nonsense' is neither a section nor a key: "
                + "write [section], key = value, or # and a comment",
            "x.scenario:14:1: invalid weight '20000': expected 1 to 10000",
            "x.scenario:15:6: the scenario ends after 5m: write an earlier time or a longer duration",
            "x.scenario:16:30: the scenario ends after 5m: write an earlier time or a longer duration",
            "x.scenario:18:1: boot memory of 512 MiB exceeds the static maximum of 256 MiB",
            "x.scenario:19:22: the scenario ends after 5m: write an earlier time or a longer duration",
            "x.scenario:20:1: duplicate guest name 'web': line 13 has it already",
            "x.scenario:21:21: expected a size, such as 512m",
        }));
    }

    [TestCase("host = 1g\n[guest a]\nmemory = 600m\n[guest b]\nmemory = 600m\nanonymous = junk",
        "x.scenario:2:1: dom0 and the guests start with 1712 MiB, but the host has 1024 MiB")]
    [TestCase("host = 1g\ndom0 = 1000m", "x.scenario:2:1: dom0 and the slack need 1064 MiB, but the host has 1024 MiB")]
    [TestCase("host = 1g\n[guest a]\nmemory = 600m\nstart = 5s",
        "x.scenario:2:1: guest a can never start: it needs 600 MiB, and the host has 512 MiB beside dom0")]
    [TestCase("host = 1g\n[guest a]\nmemory = 500m\nstart = 10m",
        "x.scenario:5:9: the scenario ends after 10m: write an earlier time or a longer duration")]
    public void Guests_that_do_not_fit_are_reported_before_the_run(string text, string expected) =>
        Assert.That(Errors("[scenario]\n" + text), Does.Contain(expected));

    [TestCase("[guest a]\nmemroy = 512m", "x.scenario:4:1: unknown key 'memroy': did you mean 'memory'?")]
    [TestCase("[defaults]\nmemory = 512\n[guest a]",
        "x.scenario:4:10: '512' has no unit: write 512m for MiB, 512g for GiB or 512k for KiB")]
    [TestCase("duration = 1\n[guest a]\nmemory = 512m\nat = 5h pause",
        "x.scenario:3:12: '1' has no unit: write 1s for seconds, 1m for minutes or 1h for hours")]
    [TestCase("pass = oom@b = 0\n[gust b]\nmemory = 512m",
        "x.scenario:4:1: unknown section 'gust b': did you mean 'guest'?")]
    public void Errors_that_follow_from_another_error_are_not_reported(string text, string expected) =>
        Assert.That(Errors("[scenario]\nhost = 2g\n" + text), Is.EqualTo(new[] { expected }));

    [Test]
    public void Number_of_guests_is_limited()
    {
        string guests = string.Concat("abcdef".Select(name => $"[guest {name}*1000]\n"));
        Assert.That(
            Errors("[scenario]\nhost = 8g\n[defaults]\nmemory = 512m\n" + guests),
            Is.EqualTo(new[] { "x.scenario:10:1: too many guests: write at most 5000" }));
    }

    [Test]
    public void Depth_of_parentheses_is_limited() =>
        Assert.That(
            Errors($"[scenario]\nhost = 8g\n[guest a]\nmemory = 512m\nanonymous = {new string('(', 100_000)}")[0],
            Does.EndWith("parentheses nested too deeply: use at most 32 levels"));

    [Test]
    public void Number_and_length_of_errors_are_limited()
    {
        string[] errors = Errors(string.Concat(Enumerable.Repeat(new string('x', 10_000) + "\n", 1000)));
        Assert.That(errors, Has.Length.EqualTo(51));
        Assert.That(errors[^1], Is.EqualTo("x.scenario: only the first 50 errors are shown"));
        Assert.That(errors.Select(error => error.Length), Is.All.LessThan(400));
    }

    [Test]
    public void Errors_have_no_control_characters() =>
        Assert.That(Errors("[scenario]\nhost = \e[2J\0\n")[0].Any(char.IsControl), Is.False);

    [TestCase("x.scenario")]
    [TestCase("x.csv")]
    public void Any_text_gives_a_scenario_or_errors(string fileName) =>
        Gen.OneOf(Gen.String, Pieces.Array[0, 60].Select(string.Concat)).Sample(
            text =>
            {
                ScenarioReading reading = ScenarioFile.Parse(text, fileName);
                Assert.That(reading.Scenario is null, Is.EqualTo(reading.Errors.Length > 0));
                Assert.That(reading.Errors, Has.Length.LessThanOrEqualTo(51));
            },
            iter: 20_000);

    [Test]
    public void Missing_file_is_reported() =>
        Assert.That(
            ScenarioFile.Load("/nowhere/x.scenario").Errors.Single().ToString(),
            Is.EqualTo("/nowhere/x.scenario: no such file"));

    [TestCase("/")]
    [TestCase("/dev/zero")]
    [TestCase("")]
    public void Unreadable_path_is_reported(string path) =>
        Assert.That(ScenarioFile.Load(path).Errors, Has.Length.EqualTo(1));

    private static string[] Errors(string text) =>
        [.. ScenarioFile.Parse(text, "x.scenario").Errors.Select(error => error.ToString())];
}
