using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using XenBalloon.Posix;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>A running agent.</summary>
internal sealed class AgentProcess : IDisposable
{
    private const int SigTerm = 15;

    private static readonly Lazy<string> Built = new(Build);

    private readonly Process process;

    public AgentProcess(params string[] arguments)
    {
        process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) Errors.Enqueue(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>The file of the agent, built once.</summary>
    public static string Program => Built.Value;

    /// <summary>The lines that it has written to standard error.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public bool IsRunning => !process.HasExited;

    /// <summary>Its resident memory.</summary>
    public long ResidentKiB()
    {
        process.Refresh();
        return process.WorkingSet64 / 1024;
    }

    /// <summary>Waits until it exits and returns its status.</summary>
    public int ExitStatus()
    {
        if (!process.WaitForExit(TimeSpan.FromSeconds(20))) throw new TimeoutException("the agent does not exit");
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate() => Assert.That(Libc.Kill(process.Id, SigTerm), Is.Zero);

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static string Build()
    {
        string source = Repository.File("native", "guest-agent");
        Repository.Run("make", "-s", "-C", source, $"OUT={AppContext.BaseDirectory}");
        return Path.Combine(AppContext.BaseDirectory, "xenballoon-agent");
    }
}

/// <summary>
/// A directory like /proc, whose numbers a test sets. They are written as the kernel writes them: in place, in as many
/// characters as before.
/// </summary>
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

    /// <summary>Changes the numbers that are given.</summary>
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
        Put("pressure/memory", string.Create(CultureInfo.InvariantCulture, $"""
            some avg10=1.25 avg60=0.00 avg300=0.00 total={SomeUs:D12}
            full avg10=0.50 avg60=0.00 avg300=0.00 total=700

            """));
        Put("pressure/io", """
            some avg10=2.00 avg60=0.00 avg300=0.00 total=9
            full avg10=0.00 avg60=0.00 avg300=0.00 total=0

            """);
    }

    private void Put(string name, string text)
    {
        string path = Path.Combine(Root, name);
        using FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(text));
    }
}
