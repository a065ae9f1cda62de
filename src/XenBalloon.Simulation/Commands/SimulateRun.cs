using System.Collections.Immutable;
using System.Text.Json;
using XenBalloon.CommandLine;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Report;

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
        ImmutableArray<Scenario> scenarios = [.. options.All ? Scenarios.All : [],
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

/// <summary>Finds the scenario that a word on the command line means: a file where it looks like one, else a built-in name.</summary>
internal static class ScenarioSource
{
    private static readonly string[] Extensions = [".scenario", ".csv"];

    /// <summary>Finds it; null where it is not to be had, and then says why.</summary>
    internal static Scenario? Find(string wanted, List<string> errors)
    {
        if (!wanted.Contains('/', StringComparison.Ordinal) && !Extensions.Any(extension => wanted.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
        {
            if (!Scenarios.TryGet(wanted, out Scenario? builtIn, out string? error)) errors.Add($"{error}, or a file's name ending in .scenario or .csv");
            return builtIn;
        }

        ScenarioReading reading = ScenarioFile.Load(wanted);
        errors.AddRange(reading.Errors.Select(error => error.ToString()));
        return reading.Scenario;
    }
}

/// <summary>How far a simulation is, in one line of standard error that goes away again; nothing where that is no terminal.</summary>
internal sealed class ProgressLine(Terminal terminal, string scenario, int runs) : IDisposable
{
    private const string Erase = "\r\x1b[K";

    private int shownPercent = -1;

    /// <summary>So many runs have ended.</summary>
    internal void Show(int ended)
    {
        int percent = (int)(100L * ended / runs);
        if (!terminal.ShowsProgress || percent == shownPercent) return;
        shownPercent = percent;
        terminal.Error.Write($"{Erase}simulating {Printable.Of(scenario)}: {percent} %");
        terminal.Error.Flush();
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (shownPercent >= 0) terminal.Error.Write(Erase);
    }
}
