using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Interfaces;

/// <summary>
/// The properties of an object with one interface; immutable. Implemented by generated code.
/// </summary>
internal interface IBusObject
{
    /// <summary>The interface's name.</summary>
    string Interface { get; }

    /// <summary>The interface's introspection data.</summary>
    ReadOnlyMemory<byte> Introspection { get; }

    /// <summary>The polkit action of a method; null for a method that anyone may call or that does not exist.</summary>
    string? ActionOf(string method);

    /// <summary>Writes an entry (<c>{sv}</c>) for each property.</summary>
    void WriteProperties(ref MessageWriter writer);

    /// <summary>Writes a property's value as a variant.</summary>
    /// <returns>Whether the property exists.</returns>
    bool TryWriteProperty(string name, ref MessageWriter writer);

    /// <summary>Whether the property exists.</summary>
    bool HasProperty(string name);

    /// <summary>Whether an announced property differs from an earlier state.</summary>
    bool HasChanges(IBusObject earlier);

    /// <summary>Writes an entry (<c>{sv}</c>) for each announced property that differs from an earlier state.</summary>
    void WriteChanges(IBusObject earlier, ref MessageWriter writer);
}
