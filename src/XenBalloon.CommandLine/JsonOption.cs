using System.CommandLine;

namespace XenBalloon.CommandLine;

/// <summary><c>--json</c>, the same for all commands that have it.</summary>
internal static class JsonOption
{
    internal static Option<bool> Create() =>
        new("--json") { Description = "Write JSON, with stable names and sizes in KiB; null is unknown." };
}
