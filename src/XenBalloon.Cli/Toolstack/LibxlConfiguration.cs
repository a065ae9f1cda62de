using System.Text.Json;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// Reads libxl's JSON of a domain's configuration, which <c>xl create -n</c> prints and a saved domain begins with.
/// Members with their default value are omitted, and Booleans are the strings <c>True</c> and <c>False</c>.
/// </summary>
internal static class LibxlConfiguration
{
    /// <summary>The memory of a domain whose configuration does not set it (libxl_create.c).</summary>
    private static readonly KiB DefaultMemory = KiB.FromMiB(32);

    /// <summary>The memory of a domain for QEMU (libxl_create.c); the old device model gets less.</summary>
    private static readonly KiB QemuDomain = KiB.FromMiB(128);

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="ToolstackException">The JSON is not a libxl configuration.</exception>
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
        bool hasDeviceModelDomain = Member(build, "device_model_stubdomain")?.GetString() == "True";
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
            Vcpus = Vcpus(Member(build, "max_vcpus")),
            Paging = Size(build, "shadow_memkb"),
            Iommu = Size(build, "iommu_memkb"),
            Hap = Member(creation, "hap")?.GetString() switch
            {
                "True" => true,
                "False" => false,
                _ => null,
            },
            HasPassthrough = Member(root, "pcidevs") is not null || Member(root, "dtdevs") is not null,
            TraceBuffer = Size(build, "vmtrace_buf_kb") ?? KiB.Zero,
            DeviceModel = hasDeviceModelDomain
                ? (Size(build, "stubdomain_memkb") ?? QemuDomain) + (Size(build, "video_memkb") ?? KiB.Zero)
                : KiB.Zero,
        };
    }

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement member)
            ? member
            : null;

    private static int Vcpus(JsonElement? element)
    {
        int count = element?.GetInt32() ?? 1;
        return count is >= 0 and <= DomainConfiguration.MostVcpus
            ? count
            : throw new FormatException($"invalid max_vcpus {count}: expected a number of CPUs");
    }

    private static KiB? Size(JsonElement? element, string name)
    {
        if (Member(element, name) is not { } size) return null;
        long kib = size.GetInt64();
        return kib >= 0 && kib <= KiB.Largest.Value
            ? new KiB(kib)
            : throw new FormatException($"invalid {name} {kib}: expected a size");
    }
}
