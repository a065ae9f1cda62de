using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;

namespace XenBalloon.Testing;

/// <summary>
/// A client of the bus that can stop reading and can connect as another user.
/// </summary>
internal sealed partial class RawClient : IDisposable
{
    // setresuid on x86-64; unlike libc's function, the system call affects only the calling thread.
    private const long SetEffectiveIds = 117;
    private readonly PausingStream stream;

    /// <summary>Connects.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="uid">The user.</param>
    internal RawClient(PrivateBus bus, int uid = 0)
    {
        stream = new PausingStream(new NetworkStream(Connect(bus, uid), ownsSocket: true));
        Connection = new DBusConnection(new Options(stream, uid));
        Connection.ConnectAsync().AsTask().Wait(TimeSpan.FromSeconds(30));
    }

    internal DBusConnection Connection { get; }

    /// <summary>A socket that is connected to the bus as a user.</summary>
    internal static Socket Connect(PrivateBus bus, int uid)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var thread = new Thread(() =>
        {
            // The bus reads the uid of the connecting thread from the kernel.
            if (uid != 0 && syscall(SetEffectiveIds, -1, uid, -1) != 0)
            {
                throw new InvalidOperationException("run the tests as root");
            }

            socket.Connect(new UnixDomainSocketEndPoint(bus.Address["unix:path=".Length..]));
        });
        thread.Start();
        thread.Join();
        return socket;
    }

    /// <summary>Stops reading from the bus.</summary>
    internal void StopReading() => stream.IsPaused = true;

    /// <summary>Calls a method without arguments.</summary>
    internal Task CallAsync(string path, string interfaceName, string member)
    {
        MessageWriter writer = Connection.GetMessageWriter();
        writer.WriteMethodCallHeader("org.xenballoon.Balloon1", path, interfaceName, member);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return Connection.CallMethodAsync(message);
    }

    public void Dispose() => Connection.Dispose();

    [LibraryImport("libc")]
    private static partial long syscall(long number, long first, long second, long third);

    private sealed class Options(Stream stream, int uid) : DBusConnectionOptions
    {
        protected override ValueTask<SetupResult> SetupAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult(new SetupResult
            {
                ConnectionStream = stream,
                UserId = $"{uid}",
                MachineId = Guid.Empty.ToString("N"),
            });
    }

    /// <summary>A stream on which reading can stop while writing continues.</summary>
    private sealed class PausingStream(NetworkStream inner) : ConnectionStream
    {
        internal volatile bool IsPaused;

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (IsPaused) await Task.Delay(Timeout.Infinite, cancellationToken);
            return await inner.ReadAsync(buffer, cancellationToken);
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override void Flush() => inner.Flush();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
