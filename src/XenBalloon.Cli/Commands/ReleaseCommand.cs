using System.CommandLine;
using System.Globalization;
using XenBalloon.Bus;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon release</c>.</summary>
internal static class ReleaseCommand
{
    internal const string Name = "release";

    internal const string Notes = """
        With --json, the remaining reservations are written.

        Examples:
          xenballoon release 3
          xenballoon release --for web
        """;

    private const string Description =
        $"End a reservation: its memory is free for all domains again. {DaemonCommand.Authorized}";

    internal static Command Create(Terminal terminal)
    {
        Argument<long> reservation = ReservationArgument.Create();
        reservation.Arity = ArgumentArity.ZeroOrOne;
        Option<string?> domain = ForOption.Create("All reservations that wait for this domain.");
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
            call.Parsed.GetValue(domain) is { } name
                ? ReleaseFor(call, name)
                : Release(call, [call.Parsed.GetValue(reservation)]));
        command.Add(reservation);
        command.Add(domain);
        command.Validators.Add(result =>
        {
            if (result.GetResult(reservation) is { Tokens.Count: > 0 } == result.GetResult(domain) is not null)
            {
                result.AddError("expected either a reservation or --for");
            }
        });
        return command;
    }

    private static ExitCode ReleaseFor(DaemonCall call, string domain)
    {
        var waiting = call.Client.Read().Reservations.Where(one => one.For == domain && one.Domid is null);
        long[] ids = [.. waiting.Select(one => one.Id)];
        return ids.Length > 0 ? Release(call, ids) : throw new ControlException(
            ControlError.NoSuchReservation, $"no reservation waits for '{domain}'; see 'xenballoon reservations'");
    }

    private static ExitCode Release(DaemonCall call, long[] reservations)
    {
        foreach (long id in reservations) call.Client.Cancel(id);
        return call.Say(
            () => Json.Write(new ReservationsJson(call.Client.Read().Reservations)),
            reservations.Select(id => string.Create(CultureInfo.InvariantCulture, $"reservation {id} is released")));
    }
}
