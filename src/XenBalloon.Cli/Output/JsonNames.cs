using System.Text.Json.Serialization;

namespace XenBalloon.Cli.Output;

/// <summary>How the records below are written: <c>ActualKib</c> as <c>actual_kib</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ListJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(DomainJson))]
internal sealed partial class JsonNames : JsonSerializerContext;
