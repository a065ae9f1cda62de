using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace XenBalloon.Testing;

/// <summary>The result of a program.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record Command(int Status, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program with empty standard input.</summary>
    public static Command Run(
        string program,
        IReadOnlyCollection<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} ran for more than {Limit}");
        }

        return new Command(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Runs a program as the user nobody; requires root.</summary>
    public static Command RunUnprivileged(
        string program,
        IReadOnlyCollection<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Fail("this test runs a command as the user nobody: run the tests as root");
        }

        return Run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program, .. arguments], environment);
    }
}

/// <summary>A program that is running.</summary>
internal sealed class RunningCommand : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly StringBuilder output = new();

    internal RunningCommand(string program, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string? value) in environment) start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Its resident memory, in KiB.</summary>
    internal long Resident
    {
        get
        {
            string line = File.ReadLines($"/proc/{process.Id}/status")
                .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            string number = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
            return long.Parse(number, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Its standard output and standard error so far.</summary>
    internal string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    /// <summary>Kills it.</summary>
    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Waits until its output contains a text.</summary>
    internal void WaitFor(string text) => Eventually.Holds(
        () => Output.Contains(text, StringComparison.Ordinal), () => $"no '{text}' in: {Output}");

    /// <summary>Sends SIGINT.</summary>
    internal void Interrupt() => Send("INT");

    /// <summary>Sends SIGTERM.</summary>
    internal void Terminate() => Send("TERM");

    /// <summary>Whether SIGINT is still pending in the kernel.</summary>
    internal bool IsInterruptPending()
    {
        const ulong Interrupt = 1 << 1;
        string line = File.ReadLines($"/proc/{process.Id}/status")
            .Single(line => line.StartsWith("ShdPnd:", StringComparison.Ordinal));
        ReadOnlySpan<char> mask = line.AsSpan("ShdPnd:".Length).Trim();
        return (ulong.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    /// <summary>Waits for its end and returns its exit status.</summary>
    internal int Status()
    {
        if (!process.WaitForExit(Limit)) Assert.Fail($"still running: {Output}");
        process.WaitForExit();
        return process.ExitCode;
    }

    private void Send(string signal) =>
        Command.Run("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);

    private void Append(string? line)
    {
        if (line is null) return;
        lock (output) output.Append(line).Append('\n');
    }
}

/// <summary>An error reply to a call.</summary>
/// <param name="Name">Its D-Bus name.</param>
/// <param name="Message">Its message.</param>
public sealed partial record ErrorReply(string Name, string Message)
{
    /// <summary>Makes busctl log each message, which is the only way to see the name of an error.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } =
        new Dictionary<string, string?>
        {
            ["SYSTEMD_LOG_LEVEL"] = "debug",
            ["SYSTEMD_LOG_TARGET"] = "console",
            ["SYSTEMD_LOG_COLOR"] = "0",
        };

    /// <summary>The last error in the log of a busctl that ran with <see cref="Environment"/>.</summary>
    public static ErrorReply Of(Command busctl)
    {
        Match? last = ErrorLine().Matches(busctl.Error).LastOrDefault();
        if (busctl.Status == 0 || last is null) Assert.Fail($"no error reply: {busctl}");
        return new ErrorReply(last!.Groups[1].Value, last.Groups[2].Value);
    }

    [GeneratedRegex(@"(?m)^Got message type=error .* error-name=(\S+) error-message=(.*)$")]
    private static partial Regex ErrorLine();
}
