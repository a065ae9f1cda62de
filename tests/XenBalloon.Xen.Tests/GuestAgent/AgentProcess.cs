using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using XenBalloon.Posix;

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
    public void Terminate() => Assert.That(Libc.Kill(process.Id, 15), Is.Zero);

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}

/// <summary>A directory like /proc, whose numbers a test sets. They are written as the kernel writes them: in place, in as many characters as before.</summary>
internal sealed class FakeProc
{
    public FakeProc(string directory)
    {
        Root = directory;
        Directory.CreateDirectory(Path.Combine(directory, "pressure"));
        Write();
    }

    public string Root { get; }

    public long TotalKiB { get; private set; } = 500_000;

    public long AvailableKiB { get; private set; } = 300_000;

    public long SomeUs { get; private set; } = 1_000;

    /// <summary>Another moment of the guest's.</summary>
    public void Set(long? availableKiB = null, long? someUs = null)
    {
        (AvailableKiB, SomeUs) = (availableKiB ?? AvailableKiB, someUs ?? SomeUs);
        Write();
    }

    private void Write()
    {
        Put("meminfo", string.Create(CultureInfo.InvariantCulture, $"""
            MemTotal:       {TotalKiB,12} kB
            MemFree:        {100_000,12} kB
            MemAvailable:   {AvailableKiB,12} kB
            Buffers:        {10_000,12} kB
            Cached:         {120_000,12} kB
            AnonPages:      {90_000,12} kB
            Shmem:          {5_000,12} kB
            SUnreclaim:     {20_000,12} kB
            SwapTotal:      {200_000,12} kB
            SwapFree:       {150_000,12} kB
            Committed_AS:   {400_000,12} kB

            """));
        Put("vmstat", "workingset_refault_anon 3\nworkingset_refault_file 4\npswpin 11\npgmajfault 22\n");
        Put("pressure/memory", string.Create(CultureInfo.InvariantCulture, $"some avg10=1.25 avg60=0.00 avg300=0.00 total={SomeUs:D12}\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=700\n"));
        Put("pressure/io", "some avg10=2.00 avg60=0.00 avg300=0.00 total=9\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    }

    private void Put(string name, string text)
    {
        using FileStream file = new(Path.Combine(Root, name), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}
