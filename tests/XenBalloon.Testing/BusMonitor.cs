using System.Diagnostics;
using System.Text.Json;
using System.Text;

namespace XenBalloon.Testing;

/// <summary><c>busctl monitor</c>: what matches, as it passes the bus.</summary>
public sealed class BusMonitor : IDisposable
{
    private readonly Process process;
    private readonly List<JsonElement> messages = [];
    private readonly StringBuilder errors = new();

    /// <summary>Starts to look.</summary>
    /// <param name="bus">At which bus.</param>
    /// <param name="match">A D-Bus match rule; by default, all signals of our objects.</param>
    public BusMonitor(PrivateBus bus, string match = "type='signal',path_namespace='/org/xenballoon'")
    {
        process = Process.Start(new ProcessStartInfo(
            "busctl", [$"--address={bus.Address}", "--json=short", $"--match={match}", "monitor"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Eventually.Holds(
            () => Errors.Contains("Monitoring", StringComparison.Ordinal),
            () => $"busctl does not monitor: {Errors}");
    }

    private string Errors
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    /// <summary>All so far, in their order.</summary>
    public IReadOnlyList<JsonElement> Messages
    {
        get
        {
            lock (messages) return [.. messages];
        }
    }

    /// <summary>The signals of this name so far, in their order.</summary>
    public IReadOnlyList<JsonElement> Signals(string member) =>
    [
        .. Messages.Where(message =>
            message.TryGetProperty("member", out JsonElement name) && name.GetString() == member),
    ];

    /// <summary>Waits for that many signals of this name.</summary>
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

    private void Take(string? line)
    {
        if (line is null) return;
        lock (messages) messages.Add(JsonDocument.Parse(line).RootElement);
    }

    private void Append(string? line)
    {
        lock (errors) errors.AppendLine(line);
    }
}

/// <summary>
/// <c>dbus-monitor</c> of a user without rights: the signals of our objects, as any program may ask for them. busctl's
/// monitor requires root.
/// </summary>
public sealed class UnprivilegedListener : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder heard = new();

    /// <summary>Starts to listen.</summary>
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
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        WaitFor("NameAcquired");
    }

    private string Heard
    {
        get
        {
            lock (heard) return heard.ToString();
        }
    }

    /// <summary>Waits until something of this text has been heard.</summary>
    public void WaitFor(string text) => Eventually.Holds(
        () => Heard.Contains(text, StringComparison.Ordinal), () => $"no {text}: {Heard}");

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Append(string? line)
    {
        lock (heard) heard.AppendLine(line);
    }
}
