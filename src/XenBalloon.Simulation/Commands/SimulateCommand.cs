using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using XenBalloon.CommandLine;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary><c>xenballoon-simulate</c>.</summary>
internal static class SimulateCommand
{
    private const string Notes = """
        Needs no daemon and no Xen. Every policy runs on the same inputs, seed by seed; shown are means with
        their 95 % intervals. Slowdown is 1 for work that never waits for memory. Regret is the part of what
        an oracle would have gained that the policy leaves on the table: it needs static and oracle to be
        among the policies, and is - where even the oracle gains nothing. Hoarding is
        the part of what guests lacked that lay idle elsewhere, and - where nobody lacked anything. One policy
        dominates another that is better in none of p99 slowdown, OOM kills, hoarding, failed starts, time to
        start and violations, and worse in one, beyond the interval of the differences by seed.
        With --all those policies are run that the scenarios ask about, and static, squeezed, qmemman and oracle.
        The exit code is 5 when a policy that was run does not do what the scenario asks of it.

        Examples:
          xenballoon-simulate --list
          xenballoon-simulate demo
          xenballoon-simulate --all --seeds 5
          xenballoon-simulate demo --policy fair-share,static --seeds 10 --report demo.html
          xenballoon-simulate demo --json | jq '.scenarios[].policies[] | {name, p99: .metrics["slowdown.p99"].mean}'
        """;

    private const string Description = "Compare policies on simulated hosts: who waits, who is fair, what it costs.";

    private const int MostSeeds = 10_000;

    internal static RootCommand Create(Terminal terminal)
    {
        var scenarios = new Argument<string[]>("SCENARIO")
        {
            Description = "The name of a built-in scenario, or a file (.scenario, or .csv for a recorded host).",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var list = new Option<bool>("--list") { Description = "List the built-in scenarios and policies." };
        var all = new Option<bool>("--all") { Description = "Run every built-in scenario; show one table and what does not pass." };
        var policies = new Option<string[]>("--policy")
        {
            Description = $"Policies to compare, comma-separated or one by one, or all (all but {CatalogText.OnlyByName}).",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        var seeds = Number("--seeds", "How many seeds to run (30).", MostSeeds);
        var first = Number("--seed", "The first of them (1001; those up to 1000 are for tuning).", long.MaxValue / 2);
        var until = new Option<TimeSpan?>("--until")
        {
            Description = "How long each run lasts, in the scenario's time: 90s, 10m, 2h (as the scenario says).",
            HelpName = "TIME",
            CustomParser = Time,
        };
        policies.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => NamesIn(token.Value) is []) is { } empty)
            {
                result.AddError($"invalid --policy '{empty.Value}': expected comma-separated names of policies");
            }
        });
        Option<bool> json = JsonOption.Create();
        var report = new Option<string?>("--report")
        {
            Description = "Also write a page with tables and plots, as one self-contained HTML file.",
            HelpName = "FILE",
        };
        report.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError("invalid --report '': expected the name of a file");
        });
        var command = new RootCommand(Description) { scenarios, list, all, policies, seeds, first, until, json,
            report };
        command.Validators.Add(result =>
        {
            if (result.GetValue(scenarios) is [] && !result.GetValue(list) && !result.GetValue(all))
            {
                result.AddError("no scenario given: name one, use --list to see them, or --all to run them");
            }
        });
        command.SetAction(parsed => (int)SimulateRun.Run(terminal, new SimulateOptions
        {
            Scenarios = [.. parsed.GetValue(scenarios) ?? []],
            List = parsed.GetValue(list),
            All = parsed.GetValue(all),
            Policies = [.. (parsed.GetValue(policies) ?? []).SelectMany(NamesIn).Distinct()],
            Seeds = (int)(parsed.GetValue(seeds) ?? JudgeOptions.UsualSeeds),
            FirstSeed = (ulong?)parsed.GetValue(first) ?? JudgeOptions.FirstReportingSeed,
            Duration = parsed.GetValue(until),
            Json = parsed.GetValue(json),
            Report = parsed.GetValue(report),
        }));
        command.Options.OfType<VersionOption>().Single().Action = new VersionAction(command.Name, terminal.Output);
        HelpOption help = command.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes(
            (HelpAction)help.Action!, terminal.Output, new Dictionary<string, string> { [command.Name] = Notes });
        return command;
    }

    /// <summary>Runs the program.</summary>
    internal static ExitCode Run(string[] arguments, Terminal terminal)
    {
        try
        {
            ParseResult parsed = Create(terminal).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is ParseErrorAction)
            {
                string wrong = parsed.Errors[0].Message.TrimEnd('.');
                return Fail(terminal, $"{wrong}: see 'xenballoon-simulate --help'", ExitCode.Usage);
            }

            return (ExitCode)parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (OutputException exception)
        {
            return Fail(terminal, exception.Message, ExitCode.Failed);
        }
    }

    private static ExitCode Fail(Terminal terminal, string message, ExitCode code)
    {
        terminal.Error.WriteLine($"xenballoon-simulate: {Printable.Of(message)}");
        return code;
    }

    private static string[] NamesIn(string commaSeparated) =>
        commaSeparated.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static Option<long?> Number(string name, string description, long most) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
            if (isNumber && number >= 1 && number <= most) return number;
            result.AddError($"invalid {name} '{text}': expected 1 to {most}");
            return null;
        },
    };

    private static TimeSpan? Time(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (DurationText.Read(text, out TimeSpan duration) is { } error) result.AddError(error);
        else if (duration < TimeSpan.FromSeconds(1)) result.AddError($"invalid --until '{text}': expected 1s or more");
        else return duration;
        return null;
    }
}
