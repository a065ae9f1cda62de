using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>
/// The connection to the agent in dom0. Answers may come in any order. Protocol: tests/rig/dom0/agent.c.
/// </summary>
internal sealed class ControlChannel : IDisposable
{
    private readonly Socket socket;
    private readonly NetworkStream stream;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(int Status, byte[] Output)>> pending = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim writing = new(1);
    private Exception? broken;
    private int lastId;

    public ControlChannel(string path)
    {
        socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        stream = new NetworkStream(socket);
        _ = Task.Run(ReadAsync);
    }

    /// <summary>Completes when the agent in dom0 is ready.</summary>
    public Task Ready => ready.Task;

    public async Task<CommandResult> RunAsync(string command, TimeSpan limit)
    {
        if (broken is { } dead)
            throw new RigException("the test host is dead", dead);
        var id = "c" + Interlocked.Increment(ref lastId).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<(int Status, byte[] Output)>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        pending[id] = answer;
        var line = Encoding.ASCII.GetBytes($"{id} {Convert.ToBase64String(Encoding.UTF8.GetBytes(command))}\n");
        await writing.WaitAsync();
        try
        {
            await stream.WriteAsync(line);
        }
        finally
        {
            writing.Release();
        }
        try
        {
            var (status, output) = await answer.Task.WaitAsync(limit);
            return new CommandResult(command, status, output);
        }
        catch (TimeoutException late)
        {
            pending.TryRemove(id, out _);
            throw new RigException($"no answer from dom0 within {limit.TotalSeconds:0} s to: {command}", late);
        }
    }

    /// <summary>Fails all pending and future commands, because the host is dead.</summary>
    public void Break(Exception why)
    {
        broken ??= why;
        ready.TrySetException(broken);
        foreach (var answer in pending.Values)
            answer.TrySetException(new RigException(why.Message, why));
    }

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
        writing.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
            while (await reader.ReadLineAsync() is { } line)
                HandleLine(line.Trim('\0', '\r', ' '));
            Break(new RigException("the connection to dom0 was closed"));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Break(new RigException("the connection to dom0 is broken", e));
        }
    }

    private void HandleLine(string line)
    {
        var parts = line.Split(' ');
        if (parts[0].EndsWith("ready", StringComparison.Ordinal))
            ready.TrySetResult();
        else if (parts.Length >= 2 && pending.TryRemove(parts[0], out var answer))
        {
            var status = int.Parse(parts[1], CultureInfo.InvariantCulture);
            answer.TrySetResult((status, parts.Length > 2 ? Convert.FromBase64String(parts[2]) : []));
        }
    }
}

/// <summary>The result of a command in dom0: its exit status, and standard output and error together.</summary>
internal sealed record CommandResult(string Command, int ExitCode, byte[] Bytes)
{
    public string Output => System.Text.Encoding.UTF8.GetString(Bytes);

    /// <summary>The output; throws if the command failed.</summary>
    public string Required() => RequiredBytes().Length == 0 ? "" : Output;

    /// <summary>As <see cref="Required"/>, for binary output.</summary>
    public byte[] RequiredBytes() =>
        ExitCode == 0 ? Bytes : throw new RigException($"in dom0, exit status {ExitCode} of: {Command}\n{Output}");
}

/// <summary>A failure of the test host, or of a command that a test requires.</summary>
public sealed class RigException : Exception
{
    public RigException(string message) : base(message)
    {
    }

    public RigException(string message, Exception inner) : base(message, inner)
    {
    }

    public RigException()
    {
    }
}
