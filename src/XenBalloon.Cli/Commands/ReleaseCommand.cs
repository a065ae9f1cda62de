using System.CommandLine;
using System.Globalization;
using XenBalloon.Bus.Client;
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
          xenballoon release --for web
        """;

    private const string Description = "End a reservation: its memory is everyone's again. For root only.";

    internal static Command Create(Terminal terminal)
    {
        Argument<long> reservation = ReservationArgument.Create();
        reservation.Arity = ArgumentArity.ZeroOrOne;
        Option<string?> domain = ForOption.Create("All that wait for this domain.");
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            long[] ids = call.Parsed.GetValue(domain) is { } name ? WaitingFor(call.Client, name) : [call.Parsed.GetValue(reservation)];
            if (ids.Length == 0) return call.Fail($"no reservation waits for '{call.Parsed.GetValue(domain)}': 'xenballoon reservations' shows those there are", ExitCode.Failed);
            foreach (long id in ids) call.Client.Cancel(id);
            return call.Say(
                () => Json.Write(ReservationsJson.Of(call.Client.Read())), ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"reservation {id} is released")));
        });
        command.Add(reservation);
        command.Add(domain);
        command.Validators.Add(result =>
        {
            if (result.GetResult(reservation) is { Tokens.Count: > 0 } == result.GetResult(domain) is not null) result.AddError("give either a reservation or --for a domain");
        });
        return command;
    }

    private static long[] WaitingFor(BalloonClient daemon, string domain) =>
        [.. daemon.Read().Reservations.Where(one => one.For == domain && one.Domid is null).Select(one => one.Id)];
}
