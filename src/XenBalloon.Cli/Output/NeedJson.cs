using XenBalloon.Cli.Toolstack;

namespace XenBalloon.Cli.Output;

/// <summary>What a domain takes, in JSON. Names are part of the interface, and carry their unit.</summary>
internal sealed record NeedJson
{
    public required string Name { get; init; }

    public required long NeedKib { get; init; }

    public required long MemoryKib { get; init; }

    public required long PagingKib { get; init; }

    public required long IommuKib { get; init; }

    public required long DeviceModelKib { get; init; }

    public required long StructuresKib { get; init; }

    internal static NeedJson Of(DomainConfiguration domain, MemoryNeed need) => new()
    {
        Name = domain.Name,
        NeedKib = need.Total.Value,
        MemoryKib = need.Memory.Value,
        PagingKib = need.Paging.Value,
        IommuKib = need.Iommu.Value,
        DeviceModelKib = need.DeviceModel.Value,
        StructuresKib = need.Structures.Value,
    };
}
