using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon list</c>.</summary>
internal static class ListCommand
{
    internal const string Name = "list";

    internal const string Notes = """
        Sizes are in MiB, as those of xl list. Min and Max are the range that the balancer may use, Hot is
        what is in active use. On a narrow terminal some columns are left out; into a pipe or file all are
        written.
        """;

    private const string Description = "Every domain with its memory, and why it is so.";

    internal static Command Create(Terminal terminal)
    {
        Option<bool> json = JsonOption.Create();
        var command = new Command(Name, Description) { json };
        command.SetAction(parsed => (int)Run(terminal, parsed.GetValue(json)));
        return command;
    }

    private static ExitCode Run(Terminal terminal, bool json)
    {
        using BalloonClient daemon = Daemon.Connect();
        HostStatus host = daemon.Read();
        if (json) LineWriter.Write(terminal, [Json.Write(ListJson.Of(host))]);
        else LineWriter.Write(terminal, DomainTable.Of(host.Domains).Lines(terminal.Width));
        return ExitCode.Ok;
    }
}
