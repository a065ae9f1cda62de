using System.Collections.Immutable;
using System.Text.Json;
using XenBalloon.CommandLine;
using XenBalloon.Simulation.Commands.Json;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Report;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary>Carries <c>simulate</c> out: finds what is meant, lets it be judged, shows the outcome.</summary>
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
            foreach (string error in errors) terminal.Error.WriteLine($"xenballoon-simulate: {Printable.Of(error)}");
            return ExitCode.Usage;
        }

        // An hour of simulation is not to be lost because a directory is missing or not ours.
        try
        {
            using ReportFile? report = options.Report is { } path ? new ReportFile(path) : null;
            return Run(terminal, options, scenarios, policies, report);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            terminal.Error.WriteLine($"xenballoon-simulate: cannot write the report: {Printable.Of(exception.Message)}");
            return ExitCode.Failed;
        }
    }

    private static ExitCode Run(
        Terminal terminal, SimulateOptions options, ImmutableArray<Scenario> scenarios, ImmutableArray<PolicyEntry> policies, ReportFile? report)
    {
        using var stop = new StopSignals();
        try
        {
            List<Judgement> judgements = [];
            foreach (Scenario scenario in scenarios)
            {
                judgements.Add(Judged(terminal, options, scenario,
                    policies.IsEmpty ? Usual(options, scenario) : policies, stop.Token));
                if (!options.Json && !options.All) LineWriter.Write(terminal,
                    JudgementText.Lines(judgements[^1], terminal.Width, isFirst: judgements.Count == 1));
            }

            if (options.Json) LineWriter.Write(terminal, [JsonSerializer.Serialize(SimulateJson.Of(judgements), SimulateJsonContext.Default.SimulateJson)]);
            else if (options.All) LineWriter.Write(terminal, SummaryText.Lines(judgements, terminal.Width));
            report?.Write(ReportPage.Of(judgements));
            return judgements.TrueForAll(judgement => judgement.Passes) ? ExitCode.Ok : ExitCode.NotPassed;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            terminal.Error.WriteLine("xenballoon-simulate: interrupted");
            return ExitCode.Interrupted;
        }
    }

    private static Judgement Judged(
        Terminal terminal, SimulateOptions options, Scenario scenario, ImmutableArray<PolicyEntry> policies, CancellationToken cancellation)
    {
        using var progress = new ProgressLine(terminal, scenario.Name, policies.Length * options.Seeds);
        return Judge.Run(
            scenario,
            new JudgeOptions { Policies = policies, FirstSeed = options.FirstSeed, Seeds = options.Seeds, Duration = options.Duration },
            progress.Show,
            cancellation);
    }

    private static ImmutableArray<PolicyEntry> Usual(SimulateOptions options, Scenario scenario) =>
        options.All ? PassPolicies.WithUsual(scenario) : PolicyCatalog.Usual;

    private static ImmutableArray<PolicyEntry> Named(string name, List<string> errors)
    {
        if (name == SimulateOptions.AllPolicies) return PolicyCatalog.Usual;
        if (PolicyCatalog.TryGet(name, out PolicyEntry? entry, out string? error)) return [entry];
        errors.Add(error);
        return [];
    }
}
