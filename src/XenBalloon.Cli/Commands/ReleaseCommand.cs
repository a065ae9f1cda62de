using System.CommandLine;
using System.Globalization;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon release</c>.</summary>
internal static class ReleaseCommand
{
    internal const string Name = "release";

    internal const string Notes = """
        With --json, the reservations that are left are written.

        Examples:
          xenballoon release 3
        """;

    private const string Description = "End a reservation: its memory is everyone's again. For root only.";

    internal static Command Create(Terminal terminal)
    {
        Argument<long> reservation = ReservationArgument.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            long id = call.Parsed.GetValue(reservation);
            call.Client.Cancel(id);
            return call.Say(
                () => Json.Write(ReservationsJson.Of(call.Client.Read())), [string.Create(CultureInfo.InvariantCulture, $"reservation {id} is released")]);
        });
        command.Add(reservation);
        return command;
    }
}
