using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace XenBalloon.Testing;

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
