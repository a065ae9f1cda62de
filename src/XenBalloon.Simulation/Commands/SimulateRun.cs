using System.Collections.Immutable;
using System.Text.Json;
using Spectre.Console;
using XenBalloon.CommandLine;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Report;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary>Loads the scenarios, runs the policies and writes the results.</summary>
internal static class SimulateRun
{
    internal static ExitCode Run(Terminal terminal, SimulateOptions options)
    {
        if (options.List)
        {
            LineWriter.Write(terminal, CatalogText.Lines(terminal.Width));
            return ExitCode.Ok;
        }

        var errors = new List<string>();
        ImmutableArray<PolicyEntry> policies = [.. options.Policies.SelectMany(name => Named(name, errors)).Distinct()];
        ImmutableArray<Scenario> scenarios = [.. options.All ? BuiltInScenarios.All : [],
            .. options.Scenarios.Select(wanted => ScenarioSource.Find(wanted, errors)).OfType<Scenario>()];
        if (errors.Count > 0)
        {
            foreach (string error in errors) SimulateCommand.Fail(terminal, error, ExitCode.Usage);
            return ExitCode.Usage;
        }

        // Open the report first, so that hours of simulation are not lost because a directory is missing.
        try
        {
            using ReportFile? report = options.Report is { } path ? new ReportFile(path) : null;
            return Run(terminal, options, scenarios, policies, report);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return SimulateCommand.Fail(terminal, $"cannot write the report: {exception.Message}", ExitCode.Failed);
        }
    }

    private static ExitCode Run(
        Terminal terminal,
        SimulateOptions options,
        ImmutableArray<Scenario> scenarios,
        ImmutableArray<PolicyEntry> policies,
        ReportFile? report)
    {
        using var stop = new StopSignals();
        try
        {
            List<Judgement> judgements = [];
            foreach (Scenario scenario in scenarios)
            {
                ImmutableArray<PolicyEntry> compared = policies.IsEmpty ? DefaultPolicies(options, scenario) : policies;
                Judgement judgement = Compare(terminal, options, scenario, compared, stop.Token);
                judgements.Add(judgement);
                if (options.Json || options.All) continue;
                bool isFirst = judgements.Count == 1;
                LineWriter.Write(terminal, JudgementText.Lines(judgement, terminal.Width, isFirst));
            }

            if (options.Json) LineWriter.Write(terminal, [Json(judgements)]);
            else if (options.All) LineWriter.Write(terminal, SummaryText.Lines(judgements, terminal.Width));
            report?.Write(ReportPage.Of(judgements));
            return judgements.TrueForAll(judgement => judgement.Passes) ? ExitCode.Ok : ExitCode.NotPassed;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return SimulateCommand.Fail(terminal, "interrupted", ExitCode.Interrupted);
        }
    }

    private static string Json(List<Judgement> judgements) =>
        JsonSerializer.Serialize(SimulateJson.Of(judgements), SimulateJsonContext.Default.SimulateJson);

    private static Judgement Compare(
        Terminal terminal,
        SimulateOptions options,
        Scenario scenario,
        ImmutableArray<PolicyEntry> policies,
        CancellationToken cancellation)
    {
        var judging = new JudgeOptions
        {
            Policies = policies,
            FirstSeed = options.FirstSeed,
            Seeds = options.Seeds,
            Duration = options.Duration,
        };
        if (!terminal.ShowsProgress) return Judge.Run(scenario, judging, static _ => { }, cancellation);
        return terminal.CreateProgressConsole().Progress().AutoClear(true).Start(context =>
        {
            string description = $"simulating {Printable.Of(scenario.Name)}".EscapeMarkup();
            ProgressTask task = context.AddTask(description, maxValue: policies.Length * options.Seeds);
            return Judge.Run(scenario, judging, finished => task.Value = finished, cancellation);
        });
    }

    private static ImmutableArray<PolicyEntry> DefaultPolicies(SimulateOptions options, Scenario scenario) =>
        options.All ? PassPolicies.WithDefaults(scenario) : PolicyCatalog.Default;

    private static ImmutableArray<PolicyEntry> Named(string name, List<string> errors)
    {
        if (name == SimulateOptions.AllPolicies) return PolicyCatalog.Default;
        if (PolicyCatalog.TryGet(name, out PolicyEntry? entry, out string? error)) return [entry];
        errors.Add(error);
        return [];
    }
}

/// <summary>Finds a scenario: a file if the argument has a slash or a known extension, else a built-in one.</summary>
internal static class ScenarioSource
{
    private static readonly string[] Extensions = [".scenario", ".csv"];

    /// <summary>Finds the scenario; null with the reason in <paramref name="errors"/>.</summary>
    internal static Scenario? Find(string wanted, List<string> errors)
    {
        bool isFile = wanted.Contains('/', StringComparison.Ordinal)
            || Extensions.Any(extension => wanted.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
        if (!isFile)
        {
            if (!BuiltInScenarios.TryGet(wanted, out Scenario? builtIn, out string? error))
                errors.Add($"{error}, or a file (.scenario or .csv)");
            return builtIn;
        }

        ScenarioReading reading = ScenarioFile.Load(wanted);
        errors.AddRange(reading.Errors.Select(error => error.ToString()));
        return reading.Scenario;
    }
}
