using System.Runtime.InteropServices;
using System.Text;
using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>A definition as sd-bus wants it: a vtable and its strings, in memory of their own that must outlive every slot made with it.</summary>
internal sealed unsafe class NativeTable : IDisposable
{
    private readonly List<nint> strings = [];
    private readonly nint[] propertyNames;

    private NativeTable(int entries, int properties)
    {
        Entries = (VtableEntry*)NativeMemory.AllocZeroed((nuint)entries, (nuint)sizeof(VtableEntry));
        propertyNames = new nint[properties];
    }

    /// <summary>The vtable.</summary>
    internal VtableEntry* Entries { get; private set; }

    /// <summary>Lays a definition out.</summary>
    internal static NativeTable Of<T>(BusInterface<T> definition)
    {
        var table = new NativeTable(definition.Methods.Length + definition.Signals.Length + definition.Properties.Length + 2, definition.Properties.Length);
        VtableEntry* next = table.Entries;
        *next++ = VtableEntry.Start(LibSystemd.VtableFormat());
        foreach (BusMethod<T> method in definition.Methods)
        {
            string outputs = method.Output is { } output ? output.Type : "";
            *next++ = VtableEntry.Method(
                table.Utf8(method.Name),
                table.Utf8(string.Concat(method.Inputs.Select(input => input.Type))),
                table.Utf8(outputs),
                table.Utf8(Names(method.Output is { } given ? method.Inputs.Append(given) : method.Inputs)),
                &Callbacks.OnMethod,
                VtableEntry.Unprivileged);
        }

        foreach (BusSignal signal in definition.Signals)
        {
            *next++ = VtableEntry.Signal(table.Utf8(signal.Name), table.Utf8(string.Concat(signal.Arguments.Select(argument => argument.Type))), table.Utf8(Names(signal.Arguments)));
        }

        for (int i = 0; i < definition.Properties.Length; i++)
        {
            BusProperty<T> property = definition.Properties[i];
            table.propertyNames[i] = table.Utf8(property.Name);
            *next++ = VtableEntry.Property(
                table.propertyNames[i],
                table.Utf8(property.Type),
                &Callbacks.OnGetProperty,
                Flags(property.Changes));
        }

        *next = VtableEntry.End();
        return table;
    }

    /// <summary>The zero-terminated name of a property.</summary>
    internal byte* PropertyName(int index) => (byte*)propertyNames[index];

    /// <summary>Which property has this zero-terminated name; −1 for none.</summary>
    internal int PropertyIndex(byte* name)
    {
        ReadOnlySpan<byte> wanted = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        for (int i = 0; i < propertyNames.Length; i++)
        {
            if (MemoryMarshal.CreateReadOnlySpanFromNullTerminated(PropertyName(i)).SequenceEqual(wanted)) return i;
        }

        return -1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(Entries);
        Entries = null;
        foreach (nint text in strings) NativeMemory.Free((void*)text);
        strings.Clear();
    }

    private static string Names(IEnumerable<BusArgument> arguments) => string.Concat(arguments.Select(argument => argument.Name + '\0'));

    private static ulong Flags(PropertyChanges changes) => changes switch
    {
        PropertyChanges.Announced => VtableEntry.EmitsChange,
        PropertyChanges.Never => VtableEntry.Constant,
        _ => 0,
    };

    private nint Utf8(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        var start = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(start, length));
        strings.Add((nint)start);
        return (nint)start;
    }
}
