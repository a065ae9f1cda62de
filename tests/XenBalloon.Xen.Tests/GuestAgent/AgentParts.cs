using System.Runtime.InteropServices;
using System.Text;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>The agent's pure parts, as pace.h, record.h and tables.h declare them.</summary>
internal static unsafe class AgentParts
{
    /// <summary>UNKNOWN of sample.h.</summary>
    internal const ulong Unknown = ulong.MaxValue;

    internal const int RecordRoom = 513;

    private static readonly nint Library = NativeLibrary.Load(AgentFiles.Library);

    private static readonly delegate* unmanaged<byte*, Sample*, Stamp*, nuint> Formatter = (delegate* unmanaged<byte*, Sample*, Stamp*, nuint>)Export("format_record");

    /// <summary>The tables that there are readers for.</summary>
    internal enum Table
    {
        Meminfo,
        Vmstat,
        MemoryPressure,
        IoPressure,
        Balloon,
    }

    /// <summary>Reads a table into a sample.</summary>
    internal static void Read(Table table, string text, ref Sample sample)
    {
        string name = table switch
        {
            Table.Meminfo => "read_meminfo",
            Table.Vmstat => "read_vmstat",
            Table.MemoryPressure => "read_memory_pressure",
            Table.IoPressure => "read_io_pressure",
            _ => "read_balloon",
        };
        var read = (delegate* unmanaged<byte*, nuint, Sample*, void>)Export(name);
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        fixed (byte* at = bytes)
        fixed (Sample* into = &sample) read(at, (nuint)bytes.Length, into);
    }

    /// <summary>The record of a sample.</summary>
    internal static string Format(in Sample sample, ulong sequence, ulong uptimeMs, ulong timeS)
    {
        Stamp stamp = new() { Sequence = sequence, UptimeMs = uptimeMs, TimeS = timeS };
        byte* record = stackalloc byte[RecordRoom];
        fixed (Sample* from = &sample) return Encoding.ASCII.GetString(record, (int)Formatter(record, from, &stamp));
    }

    internal static nint Export(string name) => NativeLibrary.GetExport(Library, name);

    [StructLayout(LayoutKind.Sequential)]
    private struct Stamp
    {
        public ulong Sequence;
        public ulong UptimeMs;
        public ulong TimeS;
    }
}
