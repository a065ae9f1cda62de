using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Text;

namespace XenBalloon.Testing;

/// <summary>A program that was run to its end.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
public sealed record Command(int Status, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program, without standard input.</summary>
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

    /// <summary>Runs a program as nobody, which requires root.</summary>
    public static Command RunUnprivileged(
        string program,
        IReadOnlyCollection<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Fail("this test runs a command as another user: run the tests as root");
        }

        return Run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program, .. arguments], environment);
    }
}

/// <summary>The program while it runs.</summary>
internal sealed class RunningCommand : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly StringBuilder said = new();

    internal RunningCommand(string program, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach ((string name, string? value) in environment) start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has said so far, on either stream.</summary>
    internal string Said
    {
        get
        {
            lock (said) return said.ToString();
        }
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    /// <summary>Ends it, as a crash would.</summary>
    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    internal void WaitFor(string text) => Eventually.Holds(() => Said.Contains(text, StringComparison.Ordinal), () => $"never said '{text}', but: {Said}");

    /// <summary>Sends what Ctrl-C does.</summary>
    internal void Interrupt() => Send("INT");

    /// <summary>Asks it to end.</summary>
    internal void Terminate() => Send("TERM");

    /// <summary>Whether it has yet to take what <see cref="Interrupt"/> sent, as the kernel says.</summary>
    internal bool IsInterruptPending()
    {
        const ulong Interrupt = 1 << 1;
        string line = File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("ShdPnd:", StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan("ShdPnd:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    /// <summary>Waits for its end; its exit status.</summary>
    internal int Status()
    {
        if (!process.WaitForExit(Limit)) Assert.Fail($"it does not end: {Said}");
        process.WaitForExit();
        return process.ExitCode;
    }

    private void Send(string signal) => Command.Run("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);

    private void Note(string? line)
    {
        if (line is null) return;
        lock (said) said.Append(line).Append('\n');
    }
}

/// <summary>The error that a call was answered with.</summary>
/// <param name="Name">Its D-Bus name.</param>
/// <param name="Message">Its message.</param>
public sealed partial record ErrorReply(string Name, string Message)
{
    /// <summary>Has busctl tell of each message: it shows an error's name nowhere else.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } =
        new Dictionary<string, string?>
        {
            ["SYSTEMD_LOG_LEVEL"] = "debug",
            ["SYSTEMD_LOG_TARGET"] = "console",
            ["SYSTEMD_LOG_COLOR"] = "0",
        };

    /// <summary>The newest error in what a busctl with this environment wrote.</summary>
    public static ErrorReply Of(Command busctl)
    {
        Match? last = Told().Matches(busctl.Error).LastOrDefault();
        if (busctl.Status == 0 || last is null) Assert.Fail($"no error was the answer, but {busctl}");
        return new ErrorReply(last!.Groups[1].Value, last.Groups[2].Value);
    }

    [GeneratedRegex(@"(?m)^Got message type=error .* error-name=(\S+) error-message=(.*)$")]
    private static partial Regex Told();
}
