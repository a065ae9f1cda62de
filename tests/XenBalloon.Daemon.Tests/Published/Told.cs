using System.Text.Json;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>Numbers and words out of what busctl shows as JSON.</summary>
internal static class Told
{
    internal static long Number(this JsonElement properties, string name) => properties.GetProperty(name).GetProperty("data").GetInt64();

    internal static string Word(this JsonElement properties, string name) => properties.GetProperty(name).GetProperty("data").GetString()!;
}
