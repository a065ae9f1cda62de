using System.Text.Json;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// Reads libxl's own JSON of a domain's configuration: what <c>xl create -n</c> prints and a saved domain begins with. Left out there is what has its default.
/// Truth values are the strings <c>True</c> and <c>False</c>.
/// </summary>
internal static class LibxlConfiguration
{
    /// <summary>Libxl's default for a domain without any word on memory (libxl_create.c).</summary>
    private static readonly KiB DefaultMemory = KiB.FromMiB(32);

    /// <summary>What QEMU's own domain gets (libxl_create.c); that of the old device model gets less.</summary>
    private static readonly KiB QemuDomain = KiB.FromMiB(128);

    /// <summary>Reads it.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">Where it is from, for messages.</param>
    /// <exception cref="ToolstackException">It is no such text.</exception>
    internal static DomainConfiguration Read(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new ToolstackException($"{source} contains no libxl configuration: {exception.Message}", exception);
        }
    }

    private static DomainConfiguration Read(JsonElement root)
    {
        JsonElement? creation = Member(root, "c_info"), build = Member(root, "b_info");
        KiB? target = Size(build, "target_memkb"), most = Size(build, "max_memkb");
        KiB memory = target ?? most ?? DefaultMemory;
        return new DomainConfiguration
        {
            Name = Member(creation, "name")?.GetString() ?? "",
            Type = Member(creation, "type")?.GetString() switch
            {
                "pv" => DomainKind.Pv,
                "pvh" or "hvm" => DomainKind.Hvm,
                var other => throw new FormatException($"unknown type of domain '{other}'"),
            },
            Memory = memory,
            MaxMem = KiB.Max(memory, most ?? memory),
            Vcpus = Member(build, "max_vcpus")?.GetInt32() is { } vcpus ? vcpus is >= 0 and <= DomainConfiguration.MostVcpus ? vcpus : throw new FormatException($"invalid max_vcpus {vcpus}: expected a number of CPUs") : 1,
            Paging = Size(build, "shadow_memkb"),
            Iommu = Size(build, "iommu_memkb"),
            Hap = Member(creation, "hap")?.GetString() switch { "True" => true, "False" => false, _ => null },
            HasPassthrough = Member(root, "pcidevs") is not null || Member(root, "dtdevs") is not null,
            TraceBuffer = Size(build, "vmtrace_buf_kb") ?? KiB.Zero,
            DeviceModel = Member(build, "device_model_stubdomain")?.GetString() != "True" ? KiB.Zero
                : (Size(build, "stubdomain_memkb") ?? QemuDomain) + (Size(build, "video_memkb") ?? KiB.Zero),
        };
    }

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement member) ? member : null;

    private static KiB? Size(JsonElement? element, string name)
    {
        if (Member(element, name) is not { } size) return null;
        long kib = size.GetInt64();
        return kib >= 0 && kib <= KiB.Largest.Value ? new KiB(kib) : throw new FormatException($"invalid {name} {kib}: expected a size");
    }
}
