using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using XenBalloon.CommandLine;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary>The command line; the one place that turns failures into exit codes.</summary>
internal static class SimulateCommand
{
    internal const string Name = "xenballoon-simulate";

    private const string Description = "Compare policies that balance memory, on simulated Xen hosts.";

    private const string Notes = """
        Needs neither Xen nor xenballoond. All policies run on the same inputs, seed by seed. The table shows
        means over the seeds with their 95 % intervals; - means that there was nothing to measure. See
        xenballoon-simulate(1) for the metrics and xenballoon-scenario(5) for scenario files.

        Examples:
          xenballoon-simulate --list          the built-in scenarios and the policies
          xenballoon-simulate demo            compare the policies in one scenario
          xenballoon-simulate --all --seeds 5 run all built-in scenarios
          xenballoon-simulate host.csv        replay a recorded host
          xenballoon-simulate demo --policy fair-share,static --seeds 10 --report demo.html
          xenballoon-simulate demo --json | jq '.scenarios[].policies[] | {name, p99: .metrics["slowdown.p99"].mean}'

        Exit codes: 0 all pass lines passed or are undecided, 1 failure, 2 invalid command line or scenario,
        5 a pass line failed, 130 interrupted.
        """;

    private const int MostSeeds = 10_000;

    /// <summary>Scenarios and files may begin with <c>@</c>: that is not a file of arguments.</summary>
    private static readonly ParserConfiguration Literal = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs the program.</summary>
    internal static ExitCode Run(string[] arguments, Terminal terminal)
    {
        try
        {
            ParseResult parsed = Create(terminal).Parse(arguments, Literal);
            if (parsed.Action is ParseErrorAction)
            {
                string error = parsed.Errors[0].Message.TrimEnd('.');
                return Fail(terminal, $"{error}: see '{Name} --help'", ExitCode.Usage);
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

    /// <summary>Writes an error, in one line, to standard error.</summary>
    internal static ExitCode Fail(Terminal terminal, string message, ExitCode code)
    {
        terminal.Error.WriteLine($"{Name}: {Printable.Of(message)}");
        return code;
    }

    private static RootCommand Create(Terminal terminal)
    {
        var scenarios = new Argument<string[]>("SCENARIO")
        {
            Description = "A built-in scenario, or a file: .scenario, or .csv for a recorded host.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var list = new Option<bool>("--list") { Description = "List the built-in scenarios and the policies." };
        var all = new Option<bool>("--all")
        {
            Description = "Run all built-in scenarios; show one table and the failed pass lines.",
        };
        Option<string[]> policies = PolicyOption();
        Option<long?> seeds = Number("--seeds", $"The number of seeds ({JudgeOptions.DefaultSeeds}).", MostSeeds);
        Option<long?> first = Number(
            "--seed",
            $"The first seed ({JudgeOptions.FirstReportingSeed}; those up to 1000 are for tuning).",
            long.MaxValue / 2);
        var until = new Option<TimeSpan?>("--until")
        {
            Description = "The simulated length of each run: 90s, 10m, 2h (as in the scenario).",
            HelpName = "TIME",
            CustomParser = Time,
        };
        var json = new Option<bool>("--json")
        {
            Description = "Write JSON instead of tables; unmeasured values are null.",
        };
        Option<string?> report = ReportOption();
        var command = new RootCommand(Description)
        {
            scenarios, list, all, policies, seeds, first, until, json, report,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(scenarios) is [] && !result.GetValue(list) && !result.GetValue(all))
                result.AddError("no scenario given: name one, or use --all, or --list to see them");
        });
        command.SetAction(parsed => (int)SimulateRun.Run(terminal, new SimulateOptions
        {
            Scenarios = [.. parsed.GetValue(scenarios) ?? []],
            List = parsed.GetValue(list),
            All = parsed.GetValue(all),
            Policies = [.. (parsed.GetValue(policies) ?? []).SelectMany(NamesIn).Distinct()],
            Seeds = (int)(parsed.GetValue(seeds) ?? JudgeOptions.DefaultSeeds),
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

    private static Option<string[]> PolicyOption()
    {
        var option = new Option<string[]>("--policy")
        {
            Description =
                $"The policies to compare, comma-separated or one by one; 'all' for all but {CatalogText.OnlyByName}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => NamesIn(token.Value) is []) is { } empty)
                result.AddError($"invalid --policy '{empty.Value}': expected comma-separated names of policies");
        });
        return option;
    }

    private static Option<string?> ReportOption()
    {
        var option = new Option<string?>("--report")
        {
            Description = "Also write a self-contained HTML page with tables and plots.",
            HelpName = "FILE",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError("invalid --report '': expected the name of a file");
        });
        return option;
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

/// <summary>The parsed command line.</summary>
internal sealed record SimulateOptions
{
    /// <summary>Stands for all policies that run when none is named.</summary>
    internal const string AllPolicies = "all";

    /// <summary>Built-in names or files.</summary>
    public required ImmutableArray<string> Scenarios { get; init; }

    /// <summary>Whether to list scenarios and policies instead of running.</summary>
    public bool List { get; init; }

    /// <summary>Whether to run all built-in scenarios and show one table.</summary>
    public bool All { get; init; }

    /// <summary>
    /// The named policies. Empty or <c>all</c> for the default ones; empty with <see cref="All"/> for those that the
    /// scenarios' pass lines name.
    /// </summary>
    public required ImmutableArray<string> Policies { get; init; }

    /// <summary>The number of seeds.</summary>
    public required int Seeds { get; init; }

    /// <summary>The first seed.</summary>
    public required ulong FirstSeed { get; init; }

    /// <summary>The simulated length of each run; null for the scenario's duration.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Whether to write JSON instead of tables.</summary>
    public bool Json { get; init; }

    /// <summary>The file of the report; null for none.</summary>
    public string? Report { get; init; }
}

/// <summary>The exit codes: part of the interface.</summary>
internal enum ExitCode
{
    /// <summary>Done; no pass line failed.</summary>
    Ok = 0,

    /// <summary>Failed; standard error says why.</summary>
    Failed = 1,

    /// <summary>Invalid command line or scenario.</summary>
    Usage = 2,

    /// <summary>A pass line does not hold.</summary>
    NotPassed = 5,

    /// <summary>Interrupted by a signal, as shells count it (128 and SIGINT).</summary>
    Interrupted = 130,
}
