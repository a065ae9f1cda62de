using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>xenstored or oxenstored as packaged by Debian, running without Xen in a directory of its own.</summary>
internal sealed class StubDaemon : IDisposable
{
    private const int SigCont = 18, SigStop = 19;

    private static readonly Lazy<string> Packages =
        new(() => Repository.Run(Repository.File("tests", "xenstored", "fetch")));

    private static readonly Lazy<string> Stub = new(CompileStub);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private FileStream? events;

    public StubDaemon(string name)
    {
        Home = Directory.CreateTempSubdirectory("xenstored-").FullName;
        string program = Repository.File("tests", "xenstored", "start");
        process = Process.Start(new ProcessStartInfo(program, [name, Stub.Value, Packages.Value, Home])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        Eventually.True(
            () => process.HasExited || Toolstack.Answers(Socket),
            () => $"{name} answers on {Socket}; its output: {string.Join('\n', output)}");
        if (process.HasExited)
            throw new InvalidOperationException($"{name} exited at once: {string.Join('\n', output)}");
    }

    /// <summary>The directory of its state.</summary>
    public string Home { get; }

    /// <summary>The socket that it listens on.</summary>
    public string Socket => Path.Combine(Home, "socket");

    /// <summary>Whether it still runs.</summary>
    public bool IsRunning => !process.HasExited;

    /// <summary>Raises an event channel.</summary>
    public void Raise(int port)
    {
        events ??= new FileStream(
            Path.Combine(Home, "events"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        events.Write(BitConverter.GetBytes(port));
    }

    /// <summary>Creates a domain in a state as in stub.c, or removes it (null).</summary>
    public void SetDomain(int domid, string? state)
    {
        string file = Path.Combine(Home, "dom", domid.ToString(CultureInfo.InvariantCulture));
        if (state is null) File.Delete(file);
        else File.WriteAllText(file, state);
    }

    /// <summary>Stops the daemon until the result is disposed: requests wait.</summary>
    public IDisposable Halt()
    {
        Assert.That(Libc.Kill(process.Id, SigStop), Is.Zero);
        return new Halted(process.Id);
    }

    /// <summary>Kills the daemon (SIGKILL).</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsRunning) Kill();
        events?.Dispose();
        process.Dispose();
        Directory.Delete(Home, recursive: true);
    }

    private sealed class Halted(int process) : IDisposable
    {
        public void Dispose() => _ = Libc.Kill(process, SigCont);
    }

    private static string CompileStub()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "xenstored-stub.so");
        Repository.Run(Repository.File("tests", "xenstored", "build"), library);
        return library;
    }
}
