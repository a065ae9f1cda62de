using System.Runtime.InteropServices;
using System.Text;
using XenBalloon.Core.Hosts;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A domain as the toolstack creates it.</summary>
internal sealed record TestDomain(int Domid, Guid Uuid)
{
    public string Name { get; init; } = $"guest{Domid}";

    public long TargetKiB { get; init; } = 262_144;

    public long StaticMaxKiB { get; init; } = 524_288;

    public DomainIdentity Identity => new(Domid, Uuid);

    public string Home => $"/local/domain/{Domid}";
}

/// <summary>Changes xenstore as xl does, over a connection of its own.</summary>
internal sealed class Toolstack : IDisposable
{
    private readonly StubDaemon daemon;
    private readonly nint handle;

    public Toolstack(StubDaemon daemon)
    {
        this.daemon = daemon;
        UseSocket(daemon.Socket);
        this.handle = ToolstackLibrary.Open(default);
        Assert.That(this.handle, Is.Not.Zero, "the toolstack connects to xenstored");
    }

    /// <summary>Whether a xenstored answers on this socket.</summary>
    public static bool Answers(string socket)
    {
        if (!File.Exists(socket)) return false;
        UseSocket(socket);
        nint handle = ToolstackLibrary.Open(default);
        if (handle == 0) return false;
        ToolstackLibrary.Close(handle);
        return true;
    }

    /// <summary>Makes libxenstore connect to this socket from now on.</summary>
    public static void UseSocket(string socket) => ToolstackLibrary.SetEnvironment("XENSTORED_PATH", socket, 1);

    /// <summary>Writes a node.</summary>
    public void Write(string path, string value) => Write(path, Encoding.Latin1.GetBytes(value));

    /// <summary>Writes a node with any bytes.</summary>
    public void Write(string path, byte[] value)
    {
        bool written = ToolstackLibrary.Write(this.handle, 0, path, value, (uint)value.Length);
        Assert.That(written, Is.True, $"write {path}: errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Reads a node; null when it does not exist.</summary>
    public unsafe string? Read(string path)
    {
        nint data = ToolstackLibrary.Read(this.handle, 0, path, out uint length);
        if (data == 0) return null;
        string value = Marshal.PtrToStringUTF8(data, (int)length);
        NativeMemory.Free((void*)data);
        return value;
    }

    /// <summary>Lists a directory over another connection, and returns whether that connection survives.</summary>
    public bool CanList(string path)
    {
        UseSocket(this.daemon.Socket);
        nint victim = ToolstackLibrary.Open(default);
        nint listed = ToolstackLibrary.List(victim, 0, path, out _);
        bool survived = ToolstackLibrary.Read(victim, 0, "/local/domain/0/domid", out _) != 0
            || Marshal.GetLastPInvokeError() == 2;
        return listed != 0 && survived;
    }

    /// <summary>Removes a node and everything below it.</summary>
    public void Remove(string path) => ToolstackLibrary.Remove(this.handle, 0, path);

    /// <summary>
    /// Creates the nodes of a domain as libxl does, with its permissions: the guest can write only <c>data</c>.
    /// </summary>
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

    /// <summary>Introduces the domain to xenstored: from then on its guest can make requests.</summary>
    public GuestRing Introduce(TestDomain domain)
    {
        GuestRing guest = new(this.daemon, domain.Domid);
        bool introduced = ToolstackLibrary.Introduce(this.handle, (uint)domain.Domid, default, 1);
        Assert.That(introduced, Is.True, $"introduce {domain.Domid}: errno {Marshal.GetLastPInvokeError()}");
        return guest;
    }

    /// <summary>
    /// The domain dies: the hypervisor drops it and xenstored removes the nodes that it owns. Those of dom0 stay until
    /// <see cref="Remove"/>.
    /// </summary>
    public void LetDie(TestDomain domain)
    {
        this.daemon.SetDomain(domain.Domid, null);
        this.daemon.Raise(1);
        Eventually.True(
            () => Read($"{domain.Home}/data") is null, $"xenstored removes the nodes of domain {domain.Domid}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (this.daemon.IsRunning) ToolstackLibrary.Close(this.handle);
    }

    private static ToolstackLibrary.Permission Owner(int domid) => new() { Domid = (uint)domid, Access = 0 };

    private static ToolstackLibrary.Permission Reader(int domid) => new() { Domid = (uint)domid, Access = 1 };

    private void MakeDirectory(string path, params ToolstackLibrary.Permission[] permissions)
    {
        Assert.That(ToolstackLibrary.MakeDirectory(this.handle, 0, path), Is.True, $"mkdir {path}");
        bool set = ToolstackLibrary.SetPermissions(this.handle, 0, path, permissions, (uint)permissions.Length);
        Assert.That(set, Is.True, $"set the permissions of {path}");
    }
}

/// <summary>
/// libxenstore as the toolstack uses it, with functions that xenballoond must never call, and setenv(3): .NET's own
/// <see cref="Environment.SetEnvironmentVariable(string, string)"/> changes only a copy that C libraries do not see.
/// </summary>
internal static partial class ToolstackLibrary
{
    private const string Name = "libxenstore.so.4";

    [StructLayout(LayoutKind.Sequential)]
    internal struct Permission
    {
        public uint Domid;
        public uint Access;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport(Name, EntryPoint = "xs_open")]
    internal static partial nint Open(CULong flags);

    [LibraryImport(Name, EntryPoint = "xs_close")]
    internal static partial void Close(nint handle);

    [LibraryImport(Name, EntryPoint = "xs_read", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial nint Read(nint handle, uint transaction, string path, out uint length);

    [LibraryImport(Name, EntryPoint = "xs_write", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Write(nint handle, uint transaction, string path, byte[] data, uint length);

    [LibraryImport(Name, EntryPoint = "xs_mkdir", StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool MakeDirectory(nint handle, uint transaction, string path);

    [LibraryImport(Name, EntryPoint = "xs_rm", StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Remove(nint handle, uint transaction, string path);

    [LibraryImport(Name, EntryPoint = "xs_set_permissions", StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool SetPermissions(
        nint handle, uint transaction, string path, Permission[] permissions, uint count);

    [LibraryImport(Name, EntryPoint = "xs_directory", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint List(nint handle, uint transaction, string path, out uint count);

    [LibraryImport(Name, EntryPoint = "xs_introduce_domain", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Introduce(nint handle, uint domid, CULong frame, uint port);
}
