using System.Runtime.InteropServices;
using System.Text;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>Does to xenstore what xl does, over a connection of its own.</summary>
internal sealed class Toolstack : IDisposable
{
    private readonly StubDaemon daemon;
    private readonly nint handle;

    public Toolstack(StubDaemon daemon)
    {
        this.daemon = daemon;
        Use(daemon.Socket);
        this.handle = NativeXenStore.Open(default);
        Assert.That(this.handle, Is.Not.Zero, "the toolstack connects to xenstored");
    }

    /// <summary>Whether a xenstored answers on this socket.</summary>
    public static bool Answers(string socket)
    {
        if (!File.Exists(socket)) return false;
        Use(socket);
        nint handle = NativeXenStore.Open(default);
        if (handle == 0) return false;
        NativeXenStore.Close(handle);
        return true;
    }

    /// <summary>Lets libxenstore connect there from now on.</summary>
    public static void Use(string socket) => Libc.SetEnvironment("XENSTORED_PATH", socket, 1);

    /// <summary>Writes a node.</summary>
    public void Write(string path, string value) => Write(path, Encoding.Latin1.GetBytes(value));

    /// <summary>Writes a node with any bytes.</summary>
    public void Write(string path, byte[] value) =>
        Assert.That(NativeXenStore.Write(this.handle, 0, path, value, (uint)value.Length), Is.True, $"write {path}: errno {Marshal.GetLastPInvokeError()}");

    /// <summary>A node's value; null when there is none.</summary>
    public string? Read(string path)
    {
        nint data = NativeXenStore.Read(this.handle, 0, path, out uint length);
        if (data == 0) return null;
        string value = Marshal.PtrToStringUTF8(data, (int)length);
        unsafe
        {
            NativeMemory.Free((void*)data);
        }

        return value;
    }

    /// <summary>Lists a directory over a connection of its own, which it may not survive.</summary>
    public bool CanList(string path)
    {
        Use(this.daemon.Socket);
        nint victim = NativeXenStore.Open(default);
        nint listed = NativeXenStore.List(victim, 0, path, out _);
        bool survived = NativeXenStore.Read(victim, 0, "/local/domain/0/domid", out _) != 0 || Marshal.GetLastSystemError() == 2;
        return listed != 0 && survived;
    }

    /// <summary>Removes a node and all below it.</summary>
    public void Remove(string path) => NativeXenStore.Remove(this.handle, 0, path);

    /// <summary>Makes the nodes of a domain as libxl does, with its permissions: only <c>data</c> is the guest's.</summary>
    public void WriteDomain(TestDomain domain)
    {
        string home = domain.Home;

        // xenstored accepts permissions only for domains that the hypervisor has.
        this.daemon.SetDomain(domain.Domid, "");
        MakeDirectory(home, Owner(0), Reader(domain.Domid));
        MakeDirectory($"{home}/memory", Owner(0), Reader(domain.Domid));
        MakeDirectory($"{home}/data", Owner(domain.Domid));
        Write($"{home}/vm", $"/vm/{domain.Uuid}");
        Write($"{home}/name", domain.Name);
        Write($"{home}/domid", $"{domain.Domid}");
        Write($"{home}/memory/static-max", $"{domain.StaticMaxKiB}");
        Write($"{home}/memory/target", $"{domain.TargetKiB}");
        Write($"{home}/memory/videoram", "0");
    }

    /// <summary>Lets a guest only read a directory.</summary>
    public void Forbid(string path, int domid) => MakeDirectory(path, Owner(0), Reader(domid));

    /// <summary>Lets a guest write a directory.</summary>
    public void Permit(string path, int domid) => MakeDirectory(path, Owner(domid));

    /// <summary>Tells xenstored of the domain; its guest can talk from then on.</summary>
    public GuestRing Introduce(TestDomain domain)
    {
        GuestRing guest = new(this.daemon, domain.Domid);
        Assert.That(NativeXenStore.Introduce(this.handle, (uint)domain.Domid, default, 1), Is.True, $"introduce {domain.Domid}: errno {Marshal.GetLastPInvokeError()}");
        return guest;
    }

    /// <summary>The domain dies: the hypervisor forgets it and xenstored takes its own nodes away. dom0's nodes stay until <see cref="Remove"/>.</summary>
    public void LetDie(TestDomain domain)
    {
        this.daemon.SetDomain(domain.Domid, null);
        this.daemon.Raise(1);
        Eventually.True(() => Read($"{domain.Home}/data") is null, $"xenstored takes the nodes of domain {domain.Domid} away");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (this.daemon.Lives) NativeXenStore.Close(this.handle);
    }

    private static NativeXenStore.Permission Owner(int domid) => new() { Domid = (uint)domid, Access = 0 };

    private static NativeXenStore.Permission Reader(int domid) => new() { Domid = (uint)domid, Access = 1 };

    private void MakeDirectory(string path, params NativeXenStore.Permission[] permissions)
    {
        Assert.That(NativeXenStore.MakeDirectory(this.handle, 0, path), Is.True, $"mkdir {path}");
        Assert.That(NativeXenStore.SetPermissions(this.handle, 0, path, permissions, (uint)permissions.Length), Is.True, $"permissions of {path}");
    }
}
