using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace XenBalloon.Testing;

/// <summary><c>busctl monitor</c>: the messages on a bus that match a rule.</summary>
public sealed class BusMonitor : IDisposable
{
    private readonly Process process;
    private readonly List<JsonElement> messages = [];
    private readonly StringBuilder errors = new();

    /// <summary>Starts monitoring.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="match">A D-Bus match rule; by default, all signals of the service's objects.</param>
    public BusMonitor(PrivateBus bus, string match = "type='signal',path_namespace='/org/xenballoon'")
    {
        process = Process.Start(new ProcessStartInfo(
            "busctl", [$"--address={bus.Address}", "--json=short", $"--match={match}", "monitor"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => AddMessage(line.Data);
        process.ErrorDataReceived += (_, line) => AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Eventually.Holds(
            () => Errors.Contains("Monitoring", StringComparison.Ordinal),
            () => $"busctl did not start monitoring: {Errors}");
    }

    private string Errors
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    /// <summary>All messages so far, in order.</summary>
    public IReadOnlyList<JsonElement> Messages
    {
        get
        {
            lock (messages) return [.. messages];
        }
    }

    /// <summary>The signals with this name so far, in order.</summary>
    public IReadOnlyList<JsonElement> Signals(string member) =>
    [
        .. Messages.Where(message =>
            message.TryGetProperty("member", out JsonElement name) && name.GetString() == member),
    ];

    /// <summary>Waits for a number of signals with this name.</summary>
    public IReadOnlyList<JsonElement> WaitFor(string member, int count)
    {
        Eventually.Holds(
            () => Signals(member).Count >= count,
            () => $"{Signals(member).Count} signals {member} instead of {count}: {string.Join('\n', Messages)}");
        return Signals(member);
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void AddMessage(string? line)
    {
        if (line is null) return;
        lock (messages) messages.Add(JsonDocument.Parse(line).RootElement);
    }

    private void AppendLine(string? line)
    {
        lock (errors) errors.AppendLine(line);
    }
}

/// <summary>
/// <c>dbus-monitor</c> as the user nobody: the signals of the service's objects that any program can receive. <c>busctl
/// monitor</c> requires root.
/// </summary>
public sealed class UnprivilegedListener : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();

    /// <summary>Starts listening.</summary>
    public UnprivilegedListener(PrivateBus bus)
    {
        process = Process.Start(new ProcessStartInfo(
            "setpriv",
            [
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "stdbuf",
                "-oL",
                "dbus-monitor",
                "--address",
                bus.Address,
                "type='signal',path_namespace='/org/xenballoon'",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        WaitFor("NameAcquired");
    }

    private string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <summary>Waits until the received signals contain a text.</summary>
    public void WaitFor(string text) => Eventually.Holds(
        () => Output.Contains(text, StringComparison.Ordinal), () => $"no {text}: {Output}");

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void AppendLine(string? line)
    {
        lock (output) output.AppendLine(line);
    }
}
