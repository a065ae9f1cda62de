using System.Globalization;
using System.Text;
using System.Text.Json;

namespace XenBalloon.RigBenchmarks;

/// <summary>The result files, in artifacts/bench-rig/TIME.</summary>
internal sealed class Results(string folder)
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true };
    private readonly List<Figures> figures = [];
    private readonly Lock adding = new();

    public string Folder => folder;

    public IReadOnlyList<Figures> All
    {
        get
        {
            lock (adding)
                return [.. figures];
        }
    }

    public static Results In(string folder)
    {
        Directory.CreateDirectory(folder);
        return new Results(folder);
    }

    public static IReadOnlyList<Figures> Read(string path) =>
        JsonSerializer.Deserialize<List<Figures>>(File.ReadAllText(path), Form)!;

    /// <summary>
    /// Replaces the figures of a scenario and writes the file, so that an interrupted session keeps them.
    /// </summary>
    public void Replace(string kind, Scenario scenario, IEnumerable<Figures> newest)
    {
        lock (adding)
        {
            figures.RemoveAll(f => f.Kind == kind && f.Scenario == scenario.Name);
            figures.AddRange(newest);
            File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(figures, Form));
        }
    }

    public void WriteText(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    /// <summary>Writes a CSV file of the run, with a line for each second; sizes in MiB.</summary>
    public void WriteTimeline(string kind, Run run, Trace trace)
    {
        var text = new StringBuilder("second,phase,free");
        foreach (var name in "abc")
            text.Append(
                CultureInfo.InvariantCulture,
                $",{name} target,{name} actual,{name} available,{name} swapped,{name} touches");
        text.Append('\n');
        for (var at = trace.Marks[0]; at <= trace.Marks[^1]; at += 1000)
        {
            var phase = trace.Marks.Count(mark => mark <= at);
            var second = (at - trace.Marks[0]) / 1000;
            text.Append(CultureInfo.InvariantCulture, $"{second},{phase},{trace.FreeKiB(at) / 1024}");
            foreach (var guest in trace.Guests)
            {
                var stats = guest.Stats(at);
                text.Append(CultureInfo.InvariantCulture, $",{guest.TargetKiB(at) / 1024},{guest.HeldKiB(at) / 1024}");
                text.Append(CultureInfo.InvariantCulture, $",{stats.AvailableKiB / 1024},{stats.SwappedKiB / 1024}");
                text.Append(CultureInfo.InvariantCulture, $",{guest.Touches(at):0}");
            }

            text.Append('\n');
        }
        WriteText($"{kind}-{run.Name}.csv", text.ToString());
    }
}
