using System.Net.Sockets;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>
/// A socket in place of a guest's <c>/dev/xen/xenbus</c>: the program that connects is the guest, with a guest's
/// permissions. Copies bytes between the program and the ring.
/// </summary>
internal sealed class GuestSocket : IDisposable
{
    private readonly RingPage page;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread thread;
    private volatile bool stopping;

    public GuestSocket(RingPage page, string path)
    {
        this.page = page;
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        thread = new Thread(Run) { IsBackground = true, Name = path };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping = true;
        listener.Dispose();
        thread.Join();
    }

    private void Run()
    {
        try
        {
            while (!stopping) Serve(listener.Accept());
        }
        catch (SocketException) when (stopping)
        {
            // The listener was closed while accepting.
        }
        catch (ObjectDisposedException)
        {
            // The listener was closed before accepting.
        }
    }

    private void Serve(Socket guest)
    {
        using Socket open = guest;
        try
        {
            Copy(guest);
        }
        catch (SocketException)
        {
            // The program was killed; another may connect.
        }
    }

    private void Copy(Socket guest)
    {
        byte[] buffer = new byte[1024];
        while (!stopping)
        {
            // The ring raises no event here, so both sides are polled in turn.
            int received = page.Receive(buffer);
            if (received > 0)
            {
                guest.Send(buffer.AsSpan(0, received));
                page.Kick();
            }

            if (!guest.Poll(received > 0 ? 0 : 1000, SelectMode.SelectRead)) continue;
            int read = guest.Receive(buffer);
            if (read == 0) return;
            for (int put = 0; put < read && !stopping;) put += page.Send(buffer.AsSpan(put, read - put));
            page.Kick();
        }
    }
}
