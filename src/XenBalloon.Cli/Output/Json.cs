using System.Text.Json;
using XenBalloon.Cli.Simulate.Json;

namespace XenBalloon.Cli.Output;

/// <summary>JSON without reflection, which NativeAOT does not have.</summary>
internal static class Json
{
    internal static string Write(ListJson value) => JsonSerializer.Serialize(value, JsonNames.Default.ListJson);

    internal static string Write(StatusJson value) => JsonSerializer.Serialize(value, JsonNames.Default.StatusJson);

    internal static string Write(SimulateJson value) => JsonSerializer.Serialize(value, JsonNames.Default.SimulateJson);

    internal static string Write(ReservationJson value) => JsonSerializer.Serialize(value, JsonNames.Default.ReservationJson);

    internal static string Write(ReservationsJson value) => JsonSerializer.Serialize(value, JsonNames.Default.ReservationsJson);

    internal static string Write(NeedJson value) => JsonSerializer.Serialize(value, JsonNames.Default.NeedJson);

    internal static string Write(DomainJson value) => JsonSerializer.Serialize(value, JsonNames.Default.DomainJson);
}
