using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon transfer</c>.</summary>
internal static class TransferCommand
{
    internal const string Name = "transfer";

    internal const string Notes = """
        Not needed where the reservation was made --for the domain.

        Examples:
          xenballoon transfer 3 web
        """;

    private const string Description =
        $"Give a reservation that is ready to a domain that exists. {DaemonCommand.Authorized}";

    internal static Command Create(Terminal terminal)
    {
        Argument<long> reservation = ReservationArgument.Create();
        Argument<string> domain = DomainArgument.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call => call.WithDomain(
            domain, domid => call.Client.Transfer(call.Parsed.GetValue(reservation), domid), DomainText.Settings));
        command.Add(reservation);
        command.Add(domain);
        return command;
    }
}
