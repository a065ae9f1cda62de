using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace XenBalloon.Bus.Tests.PrivateBus;

/// <summary><c>busctl monitor</c>: all signals of ours, as they pass the bus.</summary>
public sealed class Monitor : IDisposable
{
    private readonly Process process;
    private readonly List<JsonElement> signals = [];
    private readonly StringBuilder errors = new();

    public Monitor(PrivateBus bus)
    {
        process = Process.Start(new ProcessStartInfo(
            "busctl", [$"--address={bus.Address}", "--json=short", "--match=type='signal',path_namespace='/org/xenballoon'", "monitor"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Eventually.Holds(() => Errors.Contains("Monitoring", StringComparison.Ordinal), () => $"busctl does not monitor: {Errors}");
    }

    private string Errors
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    /// <summary>The signals of this name so far, in their order.</summary>
    public IReadOnlyList<JsonElement> Signals(string member)
    {
        lock (signals) return [.. signals.Where(signal => signal.GetProperty("member").GetString() == member)];
    }

    /// <summary>Waits for that many signals of this name.</summary>
    public IReadOnlyList<JsonElement> WaitFor(string member, int count)
    {
        Eventually.Holds(() => Signals(member).Count >= count, () => $"{Signals(member).Count} signals {member} instead of {count}");
        return Signals(member);
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (signals) signals.Add(JsonDocument.Parse(line).RootElement);
    }

    private void Append(string? line)
    {
        lock (errors) errors.AppendLine(line);
    }
}
