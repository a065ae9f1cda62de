using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon reservations</c>.</summary>
internal static class ReservationsCommand
{
    internal const string Name = "reservations";

    internal const string Notes = """
        Examples:
          xenballoon reservations
          xenballoon reservations --json | jq '.reservations[] | {id, state, held_kib}'
        """;

    private const string Description = "List the memory that is set aside for domains that will start.";

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, Description, Run);

    private static ExitCode Run(DaemonCall call)
    {
        HostStatus host = call.Client.Read();
        return call.Say(
            () => Json.Write(new ReservationsJson(host.Reservations)),
            ReservationText.Table(host.Reservations).Lines(call.Terminal.Width));
    }
}
