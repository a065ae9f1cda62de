using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.State;

/// <summary>The content of the state file. Sizes are in KiB, times on the wall clock.</summary>
internal sealed record StateFile
{
    /// <summary>The version of the format.</summary>
    internal const int CurrentVersion = 2;

    /// <summary>The oldest version that is read: its settings were kept for UUIDs.</summary>
    internal const int OldestVersion = 1;

    public required int Version { get; init; }

    /// <summary>The kernel's boot_id: bus names and domids are not valid after a reboot of the host.</summary>
    public required string BootId { get; init; }

    public required ImmutableArray<StateSettings> Settings { get; init; }

    public required ImmutableArray<StateOverride> Overrides { get; init; }

    /// <summary>Null if there are none, and in files of version 0.1.0.</summary>
    public IReadOnlyList<StateGuest>? Guests { get; init; }

    public required long LastReservation { get; init; }

    public required ImmutableArray<StateReservation> Reservations { get; init; }
}

/// <summary>What another tool set for a domain, in the file: its target, its cap, or both.</summary>
internal sealed record StateOverride(int Domid, Guid Uuid, long? TargetKib = null, long? MaxKib = null);

/// <summary>A remembered guest, in the file.</summary>
internal sealed record StateGuest(
    Guid Uuid,
    string Name,
    long BootKib,
    long StaticMaxKib,
    long? LeftWithKib = null,
    DateTimeOffset? LeftAt = null,
    long? LeavingWithKib = null);

/// <summary>A reservation, in the file.</summary>
internal sealed record StateReservation
{
    public required long Id { get; init; }

    public required long MinKib { get; init; }

    public required long MaxKib { get; init; }

    public required string Owner { get; init; }

    public string? For { get; init; }

    public bool Persistent { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public long OvertakenKib { get; init; }

    public StateClaim? Claim { get; init; }
}

/// <summary>The domain that claimed a reservation, in the file.</summary>
internal sealed record StateClaim(
    int Domid, Guid Uuid, long HeldBeforeKib, long GrantedKib, long OwedKib, DateTimeOffset TakenAt);

/// <summary>Settings of single domains, in the file.</summary>
/// <param name="Name">
/// The name of the domains that they hold for; null for one UUID. In version 1, the name of the domain if it ran.
/// </param>
/// <param name="Uuid">The UUID of the domain; null for a name.</param>
/// <param name="Settings">The settings.</param>
[JsonConverter(typeof(StateSettingsConverter))]
internal sealed record StateSettings(string? Name, Guid? Uuid, DomainSettings Settings);

/// <summary>
/// Writes <c>MinKib</c> as <c>min_kib</c> and omits members without a value. Unknown members are refused, because the
/// next write would lose them.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StateFile))]
internal sealed partial class StateJson : JsonSerializerContext;

/// <summary>Writes a member for each setting that has a value: min_kib, weight, qubes_reports.</summary>
internal sealed class StateSettingsConverter : JsonConverter<StateSettings>
{
    private const string Uuid = "uuid", Name = "name";

    /// <inheritdoc/>
    public override StateSettings Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        (Guid? uuid, string? domain, DomainSettings settings) = (null, null, DomainSettings.None);
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("settings are not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string member = reader.GetString()!;
            reader.Read();
            if (member == Uuid) uuid = reader.GetGuid();
            else if (member == Name) domain = reader.GetString();
            else settings = Read(ref reader, member, settings, domain ?? uuid?.ToString());
        }

        if (uuid is null && domain is null) throw new JsonException("settings without a name or a uuid");
        return new StateSettings(domain, uuid, settings);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, StateSettings value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        if (value.Name is { } domain) writer.WriteString(Name, domain);
        if (value.Uuid is { } uuid) writer.WriteString(Uuid, uuid);
        foreach (DomainSetting setting in DomainSetting.All)
        {
            if (setting.Get(value.Settings) is not { } number) continue;
            if (setting.Kind == SettingKind.Switch) writer.WriteBoolean(Member(setting), number != 0);
            else writer.WriteNumber(Member(setting), number);
        }

        writer.WriteEndObject();
    }

    private static DomainSettings Read(
        ref Utf8JsonReader reader, string member, DomainSettings settings, string? domain)
    {
        try
        {
            return Read(ref reader, member, settings);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new JsonException($"settings of domain {domain}: '{member}': {exception.Message}", exception);
        }
    }

    private static DomainSettings Read(ref Utf8JsonReader reader, string member, DomainSettings settings)
    {
        DomainSetting setting = DomainSetting.All.FirstOrDefault(known => Member(known) == member)
            ?? throw new JsonException($"unknown member '{member}' of a domain's settings");
        if (reader.TokenType == JsonTokenType.Null) return setting.Set(settings, null);
        long value = setting.Kind != SettingKind.Switch ? reader.GetInt64() : reader.GetBoolean() ? 1 : 0;
        return setting.Fault(value) is { } fault ? throw new JsonException(fault) : setting.Set(settings, value);
    }

    private static string Member(DomainSetting setting) =>
        setting.Name.Replace('-', '_') + (setting.Kind == SettingKind.Size ? "_kib" : "");
}
