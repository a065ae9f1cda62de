using System.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary>DOMAIN, the same for all commands that take one.</summary>
internal static class DomainArgument
{
    internal static Argument<string> Create() => new("DOMAIN") { Description = "A name, a UUID or a domid; a whole number is a domid." };
}
