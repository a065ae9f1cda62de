using System.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>--runtime</c>, the same for all commands that change settings of a domain.</summary>
internal static class RuntimeOption
{
    internal static Option<bool> Create() =>
        new("--runtime") { Description = "Until the daemon ends; otherwise it is kept for the domain's UUID." };
}
