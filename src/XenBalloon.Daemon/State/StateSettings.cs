using System.Text.Json;
using System.Text.Json.Serialization;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.State;

/// <summary>What was set for a domain, in the file.</summary>
/// <param name="Uuid">The domain.</param>
/// <param name="Name">Its name, for people who read the file; null where it is not known.</param>
/// <param name="Settings">Its settings.</param>
[JsonConverter(typeof(StateSettingsConverter))]
internal sealed record StateSettings(Guid Uuid, string? Name, DomainSettings Settings);

/// <summary>A member for each setting that has a value: <c>min_kib</c>, <c>weight</c>, <c>qubes_reports</c>.</summary>
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
            else settings = Read(ref reader, member, settings, uuid);
        }

        return new StateSettings(uuid ?? throw new JsonException("settings without a uuid"), domain, settings);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, StateSettings value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString(Uuid, value.Uuid);
        if (value.Name is { } domain) writer.WriteString(Name, domain);
        foreach (DomainSetting setting in DomainSetting.All)
        {
            if (setting.Get(value.Settings) is not { } number) continue;
            if (setting.Kind == SettingKind.Switch) writer.WriteBoolean(Member(setting), number != 0);
            else writer.WriteNumber(Member(setting), number);
        }

        writer.WriteEndObject();
    }

    private static DomainSettings Read(
        ref Utf8JsonReader reader, string member, DomainSettings settings, Guid? domain)
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
        DomainSetting setting = DomainSetting.All.FirstOrDefault(one => Member(one) == member)
            ?? throw new JsonException($"unknown member '{member}' of a domain's settings");
        if (reader.TokenType == JsonTokenType.Null) return setting.Set(settings, null);
        long value = setting.Kind != SettingKind.Switch ? reader.GetInt64() : reader.GetBoolean() ? 1 : 0;
        return setting.Fault(value) is { } fault ? throw new JsonException(fault) : setting.Set(settings, value);
    }

    private static string Member(DomainSetting setting) =>
        setting.Name.Replace('-', '_') + (setting.Kind == SettingKind.Size ? "_kib" : "");
}
