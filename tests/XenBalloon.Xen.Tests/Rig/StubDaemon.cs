using System.Diagnostics;
using System.Globalization;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>One of Debian's own xenstoreds, running without Xen in a directory of its own.</summary>
internal sealed class StubDaemon : IDisposable
{
    private static readonly Lazy<string> Packages = new(() => Repository.Run(Repository.File("tests", "xenstored", "fetch")));
    private static readonly Lazy<string> Stub = new(Compile);

    private readonly Process process;
    private FileStream? events;

    public StubDaemon(string name)
    {
        Home = Directory.CreateTempSubdirectory("xenstored-").FullName;
        ProcessStartInfo start = new(Repository.File("tests", "xenstored", "start"), [name, Stub.Value, Packages.Value, Home])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Log.Enqueue(line.Data ?? "");
        process.OutputDataReceived += (_, line) => Log.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        Eventually.True(
            () => process.HasExited || Toolstack.Answers(Socket),
            () => $"{name} answers on {Socket}; it said: {string.Join('\n', Log)}");
        if (process.HasExited) throw new InvalidOperationException($"{name} ended at once: {string.Join('\n', Log)}");
    }

    /// <summary>Where its state is.</summary>
    public string Home { get; }

    /// <summary>Where it listens.</summary>
    public string Socket => Path.Combine(Home, "socket");

    /// <summary>Whether it still runs.</summary>
    public bool Lives => !process.HasExited;

    private System.Collections.Concurrent.ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Raises an event channel.</summary>
    public void Raise(int port)
    {
        events ??= new FileStream(Path.Combine(Home, "events"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        events.Write(BitConverter.GetBytes(port));
    }

    /// <summary>Makes a domain exist, in a state as in stub.c, or not exist (null).</summary>
    public void SetDomain(int domid, string? state)
    {
        string file = Path.Combine(Home, "dom", domid.ToString(CultureInfo.InvariantCulture));
        if (state is null) File.Delete(file);
        else File.WriteAllText(file, state);
    }

    /// <summary>Stops the daemon until the result is disposed: requests wait.</summary>
    public IDisposable Halt()
    {
        Assert.That(Libc.Kill(process.Id, Stop), Is.Zero);
        return new Halted(process.Id);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Lives) Kill();
        events?.Dispose();
        process.Dispose();
        Directory.Delete(Home, recursive: true);
    }

    private const int Continue = 18, Stop = 19;

    private sealed class Halted(int process) : IDisposable
    {
        public void Dispose() => _ = Libc.Kill(process, Continue);
    }

    private static string Compile()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "xenstored-stub.so");
        Repository.Run(Repository.File("tests", "xenstored", "build"), library);
        return library;
    }
}
