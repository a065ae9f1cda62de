using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon pin</c>.</summary>
internal static class PinCommand
{
    internal const string Name = "pin";

    internal const string Notes = """
        Examples:
          xenballoon pin db 2g
          xenballoon pin db 1536m --runtime
        """;

    private const string Description = "Give a domain one size, within its range, and balance it no more until it is unpinned. For root only.";

    internal static Command Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        var size = new Argument<KiB?>("SIZE") { Description = "The size, with its unit: 512m, 1.5g.", Arity = ArgumentArity.ExactlyOne, CustomParser = SizeParser.Size };
        Option<bool> runtime = RuntimeOption.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call => call.WithDomain(
            domain, before => call.Client.Pin(before.Domid, call.Parsed.GetValue(size)!.Value, call.Parsed.GetValue(runtime)), SettingLines.Of));
        command.Add(domain);
        command.Add(size);
        command.Add(runtime);
        return command;
    }
}
