using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>
/// A connection to xenstored's socket on which nothing is sent. It ends when xenstored dies, which poll(2) does not
/// show on a descriptor of libxenstore's.
/// </summary>
internal sealed class IdleConnection : IDisposable
{
    private readonly Socket socket;

    private IdleConnection(Socket socket) => this.socket = socket;

    /// <summary>The descriptor to poll: an error or a hang-up means that xenstored died.</summary>
    public int Descriptor => (int)this.socket.Handle;

    /// <summary>Connects to the xenstored that <see cref="LibXenStore"/> finds.</summary>
    /// <returns>Null if it has no socket in this domain, as when it runs in a domain of its own.</returns>
    public static unsafe IdleConnection? TryOpen()
    {
        if (Marshal.PtrToStringUTF8((nint)LibXenStore.DaemonSocket()) is not { } path) return null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new IdleConnection(socket);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => this.socket.Dispose();
}
