using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A domain's xenstore ring as the guest sees it: bytes out, bytes in.</summary>
internal sealed unsafe class RingPage : IDisposable
{
    private const int RingSize = 1024;
    private const int Responses = 1024;
    private const int RequestConsumer = 2048;
    private const int RequestProducer = 2052;
    private const int ResponseConsumer = 2056;
    private const int ResponseProducer = 2060;

    private readonly StubDaemon daemon;
    private readonly int port;
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* page;

    /// <summary>Lays out the ring of a domain that xenstored does not know yet.</summary>
    public RingPage(StubDaemon daemon, int domid)
    {
        this.daemon = daemon;
        port = 1000 + domid;
        string path = Path.Combine(daemon.Home, string.Create(CultureInfo.InvariantCulture, $"ring-{domid}"));
        File.Delete(path);
        File.WriteAllBytes(path, new byte[4096]);
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        view = file.CreateViewAccessor();
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref page);
    }

    /// <summary>Puts as much of it into the ring as there is room for.</summary>
    /// <returns>How many bytes.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        uint producer = Index(RequestProducer);
        int room = RingSize - (int)(producer - Index(RequestConsumer));
        int at = (int)(producer % RingSize);
        int count = Math.Min(bytes.Length, Math.Min(room, RingSize - at));
        bytes[..count].CopyTo(new Span<byte>(page + at, count));
        SetIndex(RequestProducer, producer + (uint)count);
        return count;
    }

    /// <summary>Takes what is in the ring.</summary>
    /// <returns>How many bytes.</returns>
    public int Receive(Span<byte> into)
    {
        uint consumer = Index(ResponseConsumer);
        int at = (int)(consumer % RingSize);
        int count = Math.Min(into.Length, Math.Min((int)(Index(ResponseProducer) - consumer), RingSize - at));
        new Span<byte>(page + Responses + at, count).CopyTo(into);
        SetIndex(ResponseConsumer, consumer + (uint)count);
        return count;
    }

    /// <summary>Lets xenstored look at the ring.</summary>
    public void Kick() => this.daemon.Raise(port);

    /// <inheritdoc/>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    private uint Index(int offset) => Volatile.Read(ref *(uint*)(page + offset));

    private void SetIndex(int offset, uint value) => Volatile.Write(ref *(uint*)(page + offset), value);
}
