using System.Globalization;
using System.Text.Json;
using XenBalloon.Core.Hosts;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// The configurations that libxl keeps of its domains, from which it creates them again: for a reboot, a restore and a
/// migration. Other toolstacks (XAPI) keep none.
/// </summary>
/// <param name="directory">XEN_LIB_DIR, where libxl keeps its user data.</param>
internal sealed class LibxlConfiguration(string directory)
{
    /// <summary>A configuration has a few KiB.</summary>
    internal const int LargestFile = 1 << 20;

    /// <summary>Reads the configuration of a domain. libxl writes it before the domain first runs.</summary>
    /// <returns>Null if there is none.</returns>
    public CreationLimits? Read(DomainIdentity domain)
    {
        // libxl__userdata_path (libxl_dom.c); libxl renames a complete file to this name.
        string file = Path.Combine(directory, string.Create(
            CultureInfo.InvariantCulture, $"userdata-d.{domain.Domid}.{domain.Uuid:D}.libxl-json"));
        try
        {
            return CreationLimits.Parse(SmallFile.Read(file, LargestFile));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>
/// What in a configuration limits how its domain can be created: with a target below its maximum, only a PV domain can
/// have any of it (libxl_create.c, libxl__domain_config_setdefault).
/// </summary>
/// <param name="FixedBy">The first feature found that requires all memory from the start; null without one.</param>
internal sealed record CreationLimits(CreationLimit? FixedBy)
{
    private const byte Terminator = 0;

    /// <summary>Nothing limits it, as far as is known.</summary>
    public static CreationLimits None { get; } = new(FixedBy: null);

    /// <summary>
    /// Parses libxl's JSON. Members with their default value are omitted; the file ends with a NUL. What cannot be
    /// parsed counts as a configuration without limits.
    /// </summary>
    public static CreationLimits Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            int end = json.Span.IndexOf(Terminator);
            using JsonDocument document = JsonDocument.Parse(end < 0 ? json : json[..end]);
            return new CreationLimits(Find(document.RootElement));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return None;
        }
    }

    private static CreationLimit? Find(JsonElement root)
    {
        JsonElement? build = Member(root, "b_info");
        if (HasElements(Member(build, "vnuma_nodes"))) return CreationLimit.VirtualNuma;

        // When xl frees memory for a domain with PCI devices, it resolves the default in the configuration that it then
        // keeps: passthrough stays enabled there after the devices are detached.
        string passthrough = Text(Member(Member(root, "c_info"), "passthrough")) ?? "default";
        bool isOff = passthrough is "default" or "disabled";
        if (!isOff || HasElements(Member(root, "dtdevs"))) return CreationLimit.Passthrough;

        // altp2m= and its older spelling, altp2mhvm=, a Boolean of HVM domains.
        bool isAlternate = Text(Member(build, "altp2m")) is not (null or "disabled")
            || Text(Member(Member(build, "type.hvm"), "altp2m")) == "True";
        return isAlternate ? CreationLimit.AlternateP2m : null;
    }

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement member)
            ? member
            : null;

    private static bool HasElements(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0;

    private static string? Text(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
