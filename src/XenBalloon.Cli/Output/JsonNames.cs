using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Output;

/// <summary>
/// How members are named in JSON: <c>HostFree</c> is <c>host_free_kib</c>, with a unit that follows from its type.
/// Names are part of the interface. Generated at build time, since NativeAOT has no reflection.
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
[JsonSerializable(typeof(NeedJson))]
internal sealed partial class JsonNames : JsonSerializerContext
{
    /// <summary>Members with another name than that of their property, or with none: they are left out.</summary>
    private static readonly Dictionary<(Type Type, string Name), string?> Exceptions = new()
    {
        [(typeof(DomainStatus), "max_mem")] = "maxmem",
        [(typeof(ReservationStatus), "minimum")] = "min",
        [(typeof(ReservationStatus), "maximum")] = "max",
        [(typeof(ReservationStatus), "domain")] = null, // a D-Bus path; the member domid tells which domain it is
    };

    /// <summary>Applies the exceptions, and appends the unit of each member.</summary>
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

/// <summary>A value that is written as one whole number, and never read.</summary>
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
