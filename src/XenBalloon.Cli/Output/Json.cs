using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Output;

/// <summary>
/// The output of <c>--json</c>. The records of the bus are written as they are; <see cref="JsonNames"/> names their
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

/// <summary>The output of <c>list</c>.</summary>
/// <param name="Domains">In ascending order of domid.</param>
internal sealed record ListJson(ImmutableArray<DomainStatus> Domains);

/// <summary>The output of <c>restore</c>.</summary>
/// <param name="Domains">In ascending order of domid, as they are afterwards.</param>
/// <param name="Missing">The domains that have less than they booted with, each with its reason.</param>
internal sealed record RestoreJson(ImmutableArray<DomainStatus> Domains, ImmutableArray<string> Missing);

/// <summary>The output of <c>reservations</c> and <c>release</c>.</summary>
/// <param name="Reservations">In the order in which they were made.</param>
internal sealed record ReservationsJson(ImmutableArray<ReservationStatus> Reservations);

/// <summary>The output of <c>need</c>: the memory that a domain needs to start, and what for.</summary>
internal sealed record NeedJson(
    string Name, KiB Need, KiB Memory, KiB Paging, KiB Iommu, KiB DeviceModel, KiB Structures)
{
    internal static NeedJson Of(DomainConfiguration domain, MemoryNeed need) =>
        new(domain.Name, need.Total, need.Memory, need.Paging, need.Iommu, need.DeviceModel, need.Structures);
}

/// <summary>
/// The names of members in JSON, which scripts rely on: <c>HostFree</c> is <c>host_free_kib</c>, with the unit of its
/// type. Generated at build time, since NativeAOT has no reflection.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    Converters = [typeof(KiBConverter), typeof(TimeSpanConverter), typeof(TimeConverter)])]
[JsonSerializable(typeof(HostStatus))]
[JsonSerializable(typeof(DomainStatus))]
[JsonSerializable(typeof(ReservationStatus))]
[JsonSerializable(typeof(ListJson))]
[JsonSerializable(typeof(ReservationsJson))]
[JsonSerializable(typeof(RestoreJson))]
[JsonSerializable(typeof(NeedJson))]
internal sealed partial class JsonNames : JsonSerializerContext
{
    /// <summary>Members whose name differs from that of their property; null for a member that is omitted.</summary>
    private static readonly Dictionary<(Type Type, string Name), string?> Exceptions = new()
    {
        [(typeof(DomainStatus), "max_mem")] = "maxmem",
        [(typeof(ReservationStatus), "minimum")] = "min",
        [(typeof(ReservationStatus), "maximum")] = "max",
        [(typeof(ReservationStatus), "domain")] = null, // a D-Bus path; domid has the same information
    };

    /// <summary>Applies the exceptions and appends the unit of each member.</summary>
    internal static void Complete(JsonTypeInfo type)
    {
        for (int i = type.Properties.Count - 1; i >= 0; i--)
        {
            JsonPropertyInfo member = type.Properties[i];
            string? name = Exceptions.GetValueOrDefault((type.Type, member.Name), member.Name);
            if (name is null) type.Properties.RemoveAt(i);
            else member.Name = name + UnitOf(Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType);
        }
    }

    private static string UnitOf(Type type) =>
        type == typeof(KiB) ? "_kib"
        : type == typeof(TimeSpan) || type == typeof(DateTimeOffset) ? "_seconds"
        : "";
}

/// <summary>Writes a value as a whole number; values are never read.</summary>
internal abstract class NumberConverter<T>(Func<T, long> number) : JsonConverter<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(number(value));
}

/// <summary>Sizes in KiB.</summary>
internal sealed class KiBConverter() : NumberConverter<KiB>(size => size.Value);

/// <summary>Durations in whole seconds.</summary>
internal sealed class TimeSpanConverter() : NumberConverter<TimeSpan>(duration => (long)duration.TotalSeconds);

/// <summary>Times in seconds since 1970.</summary>
internal sealed class TimeConverter() : NumberConverter<DateTimeOffset>(time => time.ToUnixTimeSeconds());
