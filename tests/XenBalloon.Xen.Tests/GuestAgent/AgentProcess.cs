using System.Collections.Concurrent;
using System.Diagnostics;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>The agent, running.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly Process process;

    public AgentProcess(params string[] arguments)
    {
        process = Process.Start(new ProcessStartInfo(AgentFiles.Program, arguments) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) Said.Enqueue(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>What it has said so far.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    public bool Lives => !process.HasExited;

    /// <summary>What it holds in memory.</summary>
    public long ResidentKiB()
    {
        process.Refresh();
        return process.WorkingSet64 / 1024;
    }

    /// <summary>Waits for its end and gives its status.</summary>
    public int Status()
    {
        if (!process.WaitForExit(TimeSpan.FromSeconds(20))) throw new TimeoutException("the agent does not end");
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate() => Assert.That(Rig.Libc.Kill(process.Id, 15), Is.Zero);

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
