using System.Xml;
using System.Xml.Linq;

namespace XenBalloon.Bus.Generator;

/// <summary>The description of a D-Bus interface in a file of init/dbus.</summary>
internal sealed class InterfaceDescription
{
    private const string UnitAnnotation = "org.xenballoon.Unit", ActionAnnotation = "org.xenballoon.PolkitAction";
    private const string ChangesAnnotation = "org.freedesktop.DBus.Property.EmitsChangedSignal";

    private InterfaceDescription(XElement element)
    {
        Name = Required(element, "name");
        Methods = [.. element.Elements("method").Select(method => new Method(
            Required(method, "name"),
            Documentation(method),
            Action(method),
            [.. Arguments(method, output: false)],
            Output(method)))];
        Signals = [.. element.Elements("signal").Select(signal => new Signal(
            Required(signal, "name"), Documentation(signal), [.. Arguments(signal, output: false)]))];
        Properties = [.. element.Elements("property").Select(property => new Property(
            Required(property, "name"),
            Documentation(property),
            ValueType.Of(property, Required(property, "type"), Annotation(property, UnitAnnotation)),
            IsAnnounced(property)))];
        Introspection = WithoutComments(element);
    }

    /// <summary>The interface's full name.</summary>
    internal string Name { get; }

    /// <summary>The last element of its name: <c>Domain</c>.</summary>
    internal string ShortName => Name.Substring(Name.LastIndexOf('.') + 1);

    internal IReadOnlyList<Method> Methods { get; }

    internal IReadOnlyList<Signal> Signals { get; }

    internal IReadOnlyList<Property> Properties { get; }

    /// <summary>The interface's introspection data.</summary>
    internal string Introspection { get; }

    /// <summary>Reads the interfaces in a file.</summary>
    /// <exception cref="DescriptionException">The file is invalid.</exception>
    internal static IReadOnlyList<InterfaceDescription> Read(string xml)
    {
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore };
            using var text = new System.IO.StringReader(xml);
            using var reader = XmlReader.Create(text, settings);
            var document = XDocument.Load(reader, LoadOptions.SetLineInfo);
            return [.. document.Root!.Elements("interface").Select(element => new InterfaceDescription(element))];
        }
        catch (XmlException exception)
        {
            throw new DescriptionException(exception.Message, exception.LineNumber);
        }
    }

    private static IEnumerable<Argument> Arguments(XElement member, bool output) =>
        from argument in member.Elements("arg")
        where ((string?)argument.Attribute("direction") == "out") == output
        let name = Required(argument, "name")
        let unit = name.EndsWith("_kib", StringComparison.Ordinal) ? "KiB" : null
        select new Argument(name, ValueType.Of(argument, Required(argument, "type"), unit));

    private static Argument? Output(XElement method)
    {
        Argument[] outputs = [.. Arguments(method, output: true)];
        if (outputs.Length > 1 || outputs.Any(output => output.Type.Signature is not ("o" or "as")))
        {
            throw Invalid(method, "expected no output, or one object path or list of strings");
        }

        return outputs.SingleOrDefault();
    }

    /// <summary>
    /// The polkit action; null for a method that anyone may call. Each method states it, so that none is forgotten.
    /// </summary>
    private static string? Action(XElement method) => Annotation(method, ActionAnnotation) switch
    {
        null => throw Invalid(method, $"no annotation {ActionAnnotation}: expected a polkit action, or none"),
        "none" => null,
        var action => action,
    };

    private static bool IsAnnounced(XElement property)
    {
        if (Required(property, "access") != "read")
        {
            throw Invalid(property, "expected access 'read': use methods for changes");
        }

        return Annotation(property, ChangesAnnotation) switch
        {
            null or "true" => true,
            "const" or "false" => false,
            var other => throw Invalid(
                property, $"invalid {ChangesAnnotation} '{other}': expected true, const or false"),
        };
    }

    private static string? Annotation(XElement member, string name) => (string?)member.Elements("annotation")
        .FirstOrDefault(annotation => (string?)annotation.Attribute("name") == name)?.Attribute("value");

    /// <summary>The comment directly before a member.</summary>
    private static string Documentation(XElement member)
    {
        if (member.NodesBeforeSelf().LastOrDefault(node => node is not XText) is not XComment comment)
        {
            throw Invalid(member, "no comment before it");
        }

        return string.Join(" ", comment.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Required(XElement element, string attribute) =>
        (string?)element.Attribute(attribute) ?? throw Invalid(element, $"no attribute '{attribute}'");

    internal static DescriptionException Invalid(XElement element, string what) => new(
        $"<{element.Name} name='{(string?)element.Attribute("name")}'>: {what}",
        ((IXmlLineInfo)element).LineNumber);

    private static string WithoutComments(XElement element)
    {
        var copy = new XElement(element);
        copy.DescendantNodes().Where(node => node is XComment or XText).Remove();
        return copy.ToString();
    }
}

/// <summary>A method of an interface.</summary>
internal sealed record Method(
    string Name, string Documentation, string? Action, IReadOnlyList<Argument> Inputs, Argument? Output);

/// <summary>A signal of an interface.</summary>
internal sealed record Signal(string Name, string Documentation, IReadOnlyList<Argument> Arguments);

/// <summary>An argument of a method or a signal.</summary>
internal sealed record Argument(string Name, ValueType Type)
{
    /// <summary>Its name as a C# parameter: <c>minKib</c> for <c>min_kib</c>.</summary>
    internal string Parameter
    {
        get
        {
            string[] words = Name.Split('_');
            IEnumerable<string> later =
                words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word.Substring(1));
            return words[0] + string.Concat(later);
        }
    }
}

/// <summary>A property of an interface.</summary>
internal sealed record Property(string Name, string Documentation, ValueType Type, bool IsAnnounced);

/// <summary>The D-Bus type and the C# type of a value.</summary>
/// <param name="Signature">Its D-Bus type.</param>
/// <param name="Name">Its C# type, one that <c>BusValue</c> reads and writes.</param>
internal sealed record ValueType(string Signature, string Name)
{
    private static readonly Dictionary<(string Signature, string? Unit), string> Known = new()
    {
        [("s", null)] = "string",
        [("o", null)] = "string",
        [("b", null)] = "bool",
        [("u", null)] = "uint",
        [("t", "KiB")] = "KiB",
        [("t", "KiB, 0 if unknown")] = "KiB?",
        [("t", "s, 0 if unknown")] = "TimeSpan?",
        [("t", "s since 1970, 0 if unknown")] = "DateTimeOffset?",
        [("as", null)] = "ImmutableArray<string>",
        [("a{sv}", null)] = "Dictionary<string, VariantValue>",
    };

    internal static ValueType Of(XElement element, string signature, string? unit)
    {
        if (Known.TryGetValue((signature, unit), out string name)) return new ValueType(signature, name);
        string given = unit is null ? "without a unit" : $"with unit '{unit}'";
        IEnumerable<string> known = Known.Keys.Select(
            key => key.Unit is null ? key.Signature : $"{key.Signature} ({key.Unit})");
        throw InterfaceDescription.Invalid(
            element, $"no C# type for type '{signature}' {given}: expected one of {string.Join("; ", known)}");
    }
}

/// <summary>A description is invalid; the message explains why.</summary>
internal sealed class DescriptionException(string message, int line) : Exception(message)
{
    /// <summary>The line in the file, from 1.</summary>
    internal int Line { get; } = line;
}
