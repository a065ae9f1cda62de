using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Testing;

namespace XenBalloon.Simulation.Tests.Commands;

/// <summary><c>xenballoon-simulate</c>, which needs neither daemon nor bus.</summary>
internal sealed class SimulateTests
{
    private static readonly Dictionary<string, string?> NoBus =
        new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus" };

    private static readonly string Manual = File.ReadAllText(Path.Combine(
        typeof(SimulateTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot").Value!,
        "docs/man/xenballoon-simulate.1"));

    private static string Program => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon-simulate");

    [Test]
    public void List_shows_scenarios_and_policies()
    {
        Command list = Simulate("--list");
        Assert.That((list.Status, list.Error), Is.EqualTo((0, "")));
        Assert.That(
            list.Output, Does.Match(@"(?m)^demo +\d+m +five busy guests").And.Match("(?m)^fair-share +XenBalloon"));
        Assert.That(
            list.Output,
            Does.Match("(?m)^proportional +XenBalloon with policy = proportional").And.EndsWith(
                "\n\nWithout --policy, all policies but proportional and shares are run.\n"));
    }

    [Test]
    public void Table_has_a_row_for_each_policy_and_no_colour_in_a_pipe()
    {
        Command run = Simulate("quiet", "--policy", "static,fair-share", "--seeds", "2", "--until", "10s");
        Assert.That(run.Error, Is.Empty);
        Assert.That(
            run.Output,
            Does.StartWith("quiet: three guests").And.Contains(
                "10s of simulated time for each policy and seed, 2 seeds from 1001"));
        Assert.That(
            run.Output,
            Does.Match(
                @"\nPolicy +Slowdown +p99 +OOM .*\nstatic +1\.000 +1\.000 +0 .*\nfair-share +1\.000 +1\.000 +0 ")
                .And.Not.Contains("\x1b"));
    }

    [Test]
    public void Default_policies_run_if_none_is_named()
    {
        Command run = Simulate("quiet", "--seeds", "1", "--until", "1s");
        Assert.That(
            run.Output,
            Does.Match(@"\nfair-share .*\nfair-share-lend .*\nstatic .*\nsqueezed ")
                .And.Not.Match(@"\n(proportional|shares) "));
    }

    [Test]
    public void Proportional_and_shares_can_be_named() =>
        Assert.That(
            Simulate("quiet", "--policy", "proportional,shares", "--seeds", "1", "--until", "1s").Output,
            Does.Match(@"\nproportional .*\nshares "));

    [Test]
    public void All_shows_one_table_and_the_lines_that_do_not_hold()
    {
        Command run = Simulate("--all", "--policy", "static", "--seeds", "1", "--until", "1s");
        Assert.That((run.Status, run.Error), Is.EqualTo((5, "")));
        Assert.That(run.Output, Does.Match(
            @"^Scenario +Policy +Slowdown p99 +OOM +OOM caused +Hoarding +Start wait +Regret\n"
            + @"demo +static .*\nquiet +static "));
        Assert.That(run.Output, Does.Contain(
            "\nundecided  demo: fair-share oom = 0: fair-share was not run\n").And.Match(
                @"\n\d+ of \d+ pass lines passed\.\n$"));
    }

    [Test]
    public void Json_names_are_stable()
    {
        Command run = Simulate("quiet", "--policy", "static", "--seeds", "1", "--until", "10s", "--json");
        using var json = JsonDocument.Parse(run.Output);
        JsonElement scenario = json.RootElement.GetProperty("scenarios")[0];
        JsonElement policy = scenario.GetProperty("policies")[0];
        Assert.That(json.RootElement.GetProperty("schema").GetInt32(), Is.EqualTo(1));
        Assert.That(Names(json.RootElement), Is.EqualTo("schema metrics scenarios"));
        Assert.That(Names(json.RootElement.GetProperty("metrics")[0]), Is.EqualTo("name unit better summary"));
        Assert.That(
            Names(scenario),
            Is.EqualTo("name summary duration_seconds first_seed seeds passes policies dominances pass_lines"));
        Assert.That(Names(policy), Is.EqualTo("name metrics guests"));
        Assert.That(Names(policy.GetProperty("metrics")), Is.EqualTo(
            "slowdown.mean slowdown.p99 honest.slowdown.p99 faults.major faults.swapin oom oom.caused hoarding "
            + "hoarding.amount shortage memory.peak memory.end swap.end received fairness "
            + "delivered.p50 delivered.p95 delivered.max honest.delivered.max settling.mean settling.max "
            + "starts.failed starts.wait starts.wait.p99 starts.wait.max estimate.error estimate.lag "
            + "writes moved reversals violations regret"));
        Assert.That(
            string.Concat(policy.GetProperty("metrics").GetProperty("slowdown.mean").GetRawText()
                .Where(letter => !char.IsWhiteSpace(letter))),
            Is.EqualTo("""{"mean":1,"half_width_95":null,"seeds":1}"""));
        Assert.That(policy.GetProperty("metrics").GetProperty("regret").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(Names(policy.GetProperty("guests")[0]), Is.EqualTo("name metrics"));
    }

    [Test]
    public void Failed_pass_line_of_a_file_sets_the_exit_code()
    {
        using var file = new TemporaryFile(".scenario", """
            [scenario]
            summary = one guest
            host = 4g
            duration = 10s
            pass = static oom = 0
            pass = static memory.peak <= 511

            [guest web]
            memory = 512m
            maxmem = 1g
            """);
        Command run = Simulate(file.Path, "--policy", "static", "--seeds", "1");
        Assert.That((run.Status, run.Error), Is.EqualTo((5, "")));
        Assert.That(
            run.Output,
            Does.Contain(
                "\npass       static oom = 0: measured 0\nFAIL       static memory.peak <= 511: measured 512\n"));
    }

    [Test]
    public void Report_is_written_in_addition_to_the_table()
    {
        using var report = new TemporaryFile(".html", "");
        Command run =
            Simulate("quiet", "--policy", "static", "--seeds", "1", "--until", "10s", "--report", report.Path);
        Assert.That(run.Output, Does.StartWith("quiet: "));
        Assert.That(File.ReadAllText(report.Path), Does.StartWith("<!DOCTYPE html>").And.Contains("<svg"));
    }

    [Test]
    public void Report_can_go_to_a_device()
    {
        Command run =
            Simulate("quiet", "--policy", "static", "--seeds", "1", "--until", "10s", "--report", "/dev/stdout");
        Assert.That((run.Status, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.StartWith("quiet: ").And.Contains("<!DOCTYPE html>").And.EndsWith("</html>\n"));
    }

    [TestCase("unknown scenario 'nope': use one of demo, ", "nope")]
    [TestCase("unknown policy 'nope': expected one of fair-share, ", "demo", "--policy", "nope")]
    [TestCase("/nonexistent.scenario: ", "/nonexistent.scenario")]
    [TestCase("no scenario given: name one, or use --all, or --list to see them: see 'xenballoon-simulate --help'")]
    [TestCase("invalid --seeds '0': expected 1 to 10000: see", "demo", "--seeds", "0")]
    [TestCase("invalid --seed '0': expected 1 to ", "demo", "--seed", "0")]
    [TestCase(
        "'10' has no unit: write 10s for seconds, 10m for minutes or 10h for hours: see", "demo", "--until", "10")]
    [TestCase("invalid --until '1ms': expected 1s or more: see", "demo", "--until", "1ms")]
    [TestCase(
        "invalid --report '': expected the name of a file: see 'xenballoon-simulate --help'", "demo", "--report", "")]
    [TestCase("invalid --policy ',': expected comma-separated names of policies: see", "demo", "--policy", ",")]
    [TestCase(
        "invalid --policy '': expected comma-separated names of policies: see", "demo", "--policy", "static",
        "--policy", "")]
    public void Invalid_arguments_give_one_line_and_exit_code_2(string answer, params string[] arguments)
    {
        Command refused = Simulate(arguments);
        Assert.That((refused.Status, refused.Output), Is.EqualTo((2, "")));
        Assert.That(refused.Error, Does.StartWith($"xenballoon-simulate: {answer}").And.Match(@"\A[^\n]+\n\z"));
    }

    [TestCase("/nonexistent/report.html")]
    [TestCase("/proc/report.html")]
    [TestCase("/tmp")]
    [TestCase("/tmp/report.html/")]
    public void Unwritable_report_fails_before_the_simulation(string path)
    {
        Command refused = Simulate("office-day", "--seeds", "10000", "--report", path);
        Assert.That((refused.Status, refused.Output), Is.EqualTo((1, "")));
        Assert.That(
            refused.Error, Does.Match($@"\Axenballoon-simulate: cannot write the report: [^\n]+{path}[^\n]*\n\z"));
    }

    [TestCase("")]
    [TestCase("--json")]
    [TestCase("--list")]
    public void Full_standard_output_is_reported(string option) =>
        Assert.That(
            Command.Run(
                "sh", ["-c", $"exec '{Program}' quiet --policy static --seeds 1 --until 1s {option} > /dev/full"],
                NoBus),
            Is.EqualTo(
                new Command(1, "", "xenballoon-simulate: cannot write to standard output: No space left on device\n")));

    [Test]
    public void Ctrl_C_ends_the_program() =>
        Assert.That(Interrupted(), Is.EqualTo(new Command(130, "", "xenballoon-simulate: interrupted\n")));

    [Test]
    public void Ctrl_C_keeps_the_old_report()
    {
        using var folder = new TemporaryFolder();
        string report = Path.Combine(folder.Path, "report.html");
        File.WriteAllText(report, "before");
        Assert.That(Interrupted("--report", report).Status, Is.EqualTo(130));
        Assert.That(File.ReadAllText(report), Is.EqualTo("before"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Manual_documents_every_option_policy_and_metric() => Assert.Multiple(() =>
    {
        IEnumerable<string> options = Regex.Matches(Simulate("--help").Output, @"(?m)^ +.*?--([a-z]+)")
            .Select(match => match.Groups[1].Value);
        Assert.That(options.Where(option => !Manual.Contains($"Fl -{option}", StringComparison.Ordinal)), Is.Empty);
        Assert.That(PolicyCatalog.All.Where(policy => !IsDefined("Cm", policy.Name)), Is.Empty);
        Assert.That(MetricCatalog.All.Where(metric => !IsDefined("Li", metric.Name)), Is.Empty);
    });

    private static Command Interrupted(params string[] options) =>
        Command.Run(
            "timeout", ["--preserve-status", "-s", "INT", "3", Program, "office-day", "--seeds", "10000", .. options],
            NoBus);

    private static Command Simulate(params string[] arguments) => Command.Run(Program, [.. arguments], NoBus);

    private static string Names(JsonElement element) =>
        string.Join(' ', element.EnumerateObject().Select(property => property.Name));

    private static bool IsDefined(string macro, string name) =>
        Regex.IsMatch(Manual, $@"(?m)^\.It .*{macro} (.* )?{Regex.Escape(name)}( |$)");
}
