using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Output;

/// <summary>
/// What <c>--json</c> writes. The records of the bus are written as they are; <see cref="JsonNames"/> names their
/// members.
/// </summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new(JsonNames.Default.Options)
    {
        TypeInfoResolver = JsonNames.Default.WithAddedModifier(JsonNames.Complete),
    };

    internal static string Write<T>(T value) =>
        JsonSerializer.Serialize(value, (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T)));
}

/// <summary>What <c>list</c> writes.</summary>
/// <param name="Domains">In ascending order of domid.</param>
internal sealed record ListJson(ImmutableArray<DomainStatus> Domains);

/// <summary>What <c>reservations</c> writes.</summary>
/// <param name="Reservations">In the order in which they were made.</param>
internal sealed record ReservationsJson(ImmutableArray<ReservationStatus> Reservations);

/// <summary>What <c>need</c> writes: the memory that must be free for a domain to start, and what it is for.</summary>
internal sealed record NeedJson(
    string Name, KiB Need, KiB Memory, KiB Paging, KiB Iommu, KiB DeviceModel, KiB Structures)
{
    internal static NeedJson Of(DomainConfiguration domain, MemoryNeed need) =>
        new(domain.Name, need.Total, need.Memory, need.Paging, need.Iommu, need.DeviceModel, need.Structures);
}
