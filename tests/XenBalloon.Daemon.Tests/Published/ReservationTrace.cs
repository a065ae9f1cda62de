using System.Text.Json;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>
/// Goes through all signals that a daemon sent, in their order. What it shows belongs together between two steps; within one it tells of the manager first, so
/// each of the manager's signals ends the step before.
/// </summary>
internal sealed class ReservationTrace
{
    private readonly Dictionary<string, long> held = [];
    private readonly Dictionary<string, long> host = [];

    /// <summary>After each step: what all reservations hold, what the manager says that is, and what is free.</summary>
    internal List<(long Held, long Reserved, long Free)> Steps { get; } = [];

    internal static ReservationTrace Of(IEnumerable<JsonElement> signals)
    {
        var trace = new ReservationTrace();
        foreach (JsonElement signal in signals) trace.Take(signal);
        return trace;
    }

    private void Take(JsonElement signal)
    {
        JsonElement data = signal.GetProperty("payload").GetProperty("data");
        string path = signal.GetProperty("path").GetString()!;
        switch (signal.GetProperty("member").GetString())
        {
            case "PropertiesChanged" when path == SimulatedHostDaemon.Root:
                EndStep();
                foreach (JsonProperty changed in data[1].EnumerateObject().Where(one => one.Name is "HostFree" or "Reserved")) host[changed.Name] = Number(changed.Value);
                break;
            case "PropertiesChanged" when data[0].GetString() == SimulatedHostDaemon.Reservation:
                if (data[1].TryGetProperty("Held", out JsonElement now)) held[path] = Number(now);
                break;
            case "InterfacesAdded" when data[1].TryGetProperty(SimulatedHostDaemon.Reservation, out JsonElement added):
                held[data[0].GetString()!] = added.Number("Held");
                break;
            case "InterfacesRemoved":
                held.Remove(data[0].GetString()!);
                break;
        }
    }

    private void EndStep()
    {
        if (host.TryGetValue("Reserved", out long reserved) && host.TryGetValue("HostFree", out long free)) Steps.Add((held.Values.Sum(), reserved, free));
    }

    private static long Number(JsonElement value) => value.GetProperty("data").GetInt64();
}
