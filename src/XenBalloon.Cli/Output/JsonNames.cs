using System.Text.Json.Serialization;
using XenBalloon.Cli.Simulate.Json;

namespace XenBalloon.Cli.Output;

/// <summary>How the records below are written: <c>ActualKib</c> as <c>actual_kib</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ListJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(DomainJson))]
[JsonSerializable(typeof(ReservationJson))]
[JsonSerializable(typeof(ReservationsJson))]
[JsonSerializable(typeof(NeedJson))]
[JsonSerializable(typeof(SimulateJson))]
internal sealed partial class JsonNames : JsonSerializerContext;
