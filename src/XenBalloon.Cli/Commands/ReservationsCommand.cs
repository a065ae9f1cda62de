using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;

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

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, "The memory that is set aside for domains yet to come.", static call =>
    {
        HostStatus host = call.Client.Read();
        return call.Say(() => Json.Write(ReservationsJson.Of(host)), ReservationText.Table(host.Reservations).Lines(call.Terminal.Width));
    });
}
