using System.Text.Json.Serialization;

namespace XenBalloon.Daemon.State;

/// <summary>How the file is written: <c>MinKib</c> as <c>min_kib</c>, and nothing where nothing was said. What has no meaning here is not passed over: it would be lost with the next write.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StateFile))]
internal sealed partial class StateNames : JsonSerializerContext;
