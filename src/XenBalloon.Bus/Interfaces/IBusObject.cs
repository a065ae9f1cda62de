using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Interfaces;

/// <summary>
/// The properties of an object on the bus, with one interface of ours; immutable. Implemented by generated code.
/// </summary>
internal interface IBusObject
{
    /// <summary>The interface's name.</summary>
    string Interface { get; }

    /// <summary>The interface as introspection shows it.</summary>
    ReadOnlyMemory<byte> Introspection { get; }

    /// <summary>Writes an entry (<c>{sv}</c>) for each property.</summary>
    void WriteProperties(ref MessageWriter writer);

    /// <summary>Writes the value of a property, as a variant.</summary>
    /// <returns>Whether there is such a property.</returns>
    bool TryWriteProperty(string name, ref MessageWriter writer);

    /// <summary>Whether there is such a property.</summary>
    bool HasProperty(string name);

    /// <summary>Whether an announced property has another value than in an earlier state of the object.</summary>
    bool HasChanges(IBusObject since);

    /// <summary>
    /// Writes an entry (<c>{sv}</c>) for each announced property with another value than in an earlier state of the
    /// object.
    /// </summary>
    void WriteChanges(IBusObject since, ref MessageWriter writer);
}
