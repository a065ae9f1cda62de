using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using XenBalloon.Xen.Tests.Rig;

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

/// <summary>struct sample of sample.h: one number for each <see cref="SampleValue"/>.</summary>
[InlineArray((int)SampleValue.Count)]
internal struct Sample
{
    private ulong first;

    internal ulong this[SampleValue which]
    {
        readonly get => this[(int)which];
        set => this[(int)which] = value;
    }

    /// <summary>A sample in which everything is this.</summary>
    internal static Sample Of(ulong value)
    {
        Sample sample = default;
        for (int i = 0; i < (int)SampleValue.Count; i++) sample[i] = value;
        return sample;
    }
}

/// <summary>enum value of sample.h.</summary>
internal enum SampleValue
{
    Total,
    Available,
    Free,
    Anonymous,
    File,
    Shared,
    Slab,
    Swap,
    Swapped,
    Committed,
    Balloon,
    Refaults,
    MajorFaults,
    SwapIns,
    SomeBp,
    SomeUs,
    FullBp,
    FullUs,
    IoBp,
    Count,
}

/// <summary>The guest agent, built once: the program, and its pure parts as a library.</summary>
internal static class AgentFiles
{
    private static readonly Lazy<string> BuiltProgram = new(BuildProgram);
    private static readonly Lazy<string> BuiltLibrary = new(BuildLibrary);

    /// <summary>The program.</summary>
    public static string Program => BuiltProgram.Value;

    /// <summary>pace.c, record.c and tables.c.</summary>
    public static string Library => BuiltLibrary.Value;

    private static string BuildProgram()
    {
        Repository.Run("make", "-s", "-C", Repository.File("native", "guest-agent"), $"OUT={AppContext.BaseDirectory}");
        return Path.Combine(AppContext.BaseDirectory, "xenballoon-agent");
    }

    private static string BuildLibrary()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "libagent-parts.so");
        string[] sources = [.. new[] { "pace.c", "record.c", "tables.c" }.Select(name => Repository.File("native", "guest-agent", name))];
        Repository.Run("gcc", ["-std=gnu11", "-O1", "-g", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", library, .. sources]);
        return library;
    }
}
