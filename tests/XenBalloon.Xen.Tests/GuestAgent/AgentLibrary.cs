using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>
/// The files of the agent that make no system calls, built as a library: pace.c, record.c and tables.c.
/// </summary>
internal static unsafe partial class AgentLibrary
{
    /// <summary>UNKNOWN of sample.h.</summary>
    internal const ulong Unknown = ulong.MaxValue;

    /// <summary>RECORD_SIZE of record.h.</summary>
    private const int RecordSize = 513;

    private const string Name = "libagent-parts.so";

    static AgentLibrary()
    {
        string[] sources =
        [
            Repository.File("native", "guest-agent", "pace.c"),
            Repository.File("native", "guest-agent", "record.c"),
            Repository.File("native", "guest-agent", "tables.c"),
        ];
        string library = Path.Combine(AppContext.BaseDirectory, Name);
        string[] options = ["-std=gnu11", "-O1", "-g", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"];
        Repository.Run("gcc", [.. options, "-o", library, .. sources]);
    }

    /// <summary>The tables of the kernel that tables.c reads.</summary>
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
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        nuint length = (nuint)bytes.Length;
        fixed (byte* first = bytes)
        fixed (Sample* into = &sample)
        {
            switch (table)
            {
                case Table.Meminfo: ReadMeminfo(first, length, into); break;
                case Table.Vmstat: ReadVmstat(first, length, into); break;
                case Table.MemoryPressure: ReadMemoryPressure(first, length, into); break;
                case Table.IoPressure: ReadIoPressure(first, length, into); break;
                default: ReadBalloon(first, length, into); break;
            }
        }
    }

    /// <summary>Formats the record of a sample.</summary>
    internal static string Format(in Sample sample, ulong sequence, ulong uptimeMs, ulong timeS)
    {
        Stamp stamp = new() { Sequence = sequence, UptimeMs = uptimeMs, TimeS = timeS };
        byte* record = stackalloc byte[RecordSize];
        fixed (Sample* from = &sample)
            return Encoding.ASCII.GetString(record, (int)FormatRecord(record, from, &stamp));
    }

    [LibraryImport(Name, EntryPoint = "pace_start")]
    internal static partial void PaceStart(void* pace, ulong heartbeatMs);

    [LibraryImport(Name, EntryPoint = "pace_decide")]
    internal static partial PaceReason PaceDecide(void* pace, Sample* sample, ulong nowMs);

    [LibraryImport(Name, EntryPoint = "pace_wrote")]
    internal static partial void PaceWrote(void* pace, Sample* sample, PaceReason reason, ulong nowMs);

    [LibraryImport(Name, EntryPoint = "pace_refused")]
    internal static partial void PaceRefused(void* pace);

    [LibraryImport(Name, EntryPoint = "format_record")]
    private static partial nuint FormatRecord(byte* record, Sample* sample, Stamp* stamp);

    [LibraryImport(Name, EntryPoint = "read_meminfo")]
    private static partial void ReadMeminfo(byte* text, nuint length, Sample* sample);

    [LibraryImport(Name, EntryPoint = "read_vmstat")]
    private static partial void ReadVmstat(byte* text, nuint length, Sample* sample);

    [LibraryImport(Name, EntryPoint = "read_memory_pressure")]
    private static partial void ReadMemoryPressure(byte* text, nuint length, Sample* sample);

    [LibraryImport(Name, EntryPoint = "read_io_pressure")]
    private static partial void ReadIoPressure(byte* text, nuint length, Sample* sample);

    [LibraryImport(Name, EntryPoint = "read_balloon")]
    private static partial void ReadBalloon(byte* text, nuint length, Sample* sample);

    /// <summary>struct stamp of record.h.</summary>
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

    internal ulong this[SampleValue index]
    {
        readonly get => this[(int)index];
        set => this[(int)index] = value;
    }

    /// <summary>A sample in which every value is this.</summary>
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
    OomKills,
    SomeBp,
    SomeUs,
    FullBp,
    FullUs,
    IoBp,
    Count,
}

/// <summary>enum report_reason of pace.h: why a report is sent.</summary>
internal enum PaceReason
{
    NotNow,
    Started,
    Requested,
    Pressed,
    Moved,
    Settled,
    Heartbeat,
}
