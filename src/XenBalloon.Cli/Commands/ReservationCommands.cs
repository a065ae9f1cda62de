using System.CommandLine;
using XenBalloon.Bus;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.Cli.Reservations;
using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon reserve</c>.</summary>
internal static class ReserveCommand
{
    private const string Description = "Set memory aside for a domain that will start, and hold it.";

    private const string Notes = DaemonCommand.Authorized + """
        Progress is written to standard error. When the reservation is ready, a line, or JSON, is written to
        standard output. The memory is held until Ctrl-C, which releases it, or until a domain has taken it. A
        persistent reservation remains after the command exits, until 'xenballoon release', until a domain
        takes it, or until --expire is over.

        Examples:
          xenballoon reserve 2g
          xenballoon reserve 2g --max 4g --deadline 60 --for web
          xenballoon reserve 2g --persistent --expire 1h
          virsh dumpxml web | xenballoon reserve --libvirt
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        var size = new Argument<KiB?>("SIZE")
        {
            Description = "The memory to hold, such as 512m or 1.5g.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = SizeParser.Size,
        };
        var maximum = new Option<KiB?>("--max")
        {
            Description = "The most memory to hold; what exceeds SIZE is taken from free memory only.",
            HelpName = "SIZE",
            CustomParser = SizeParser.Size,
        };
        var deadline = new Option<double?>("--deadline")
        {
            Description = "Give up after this many seconds; with 0, do not wait.",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, least: 0),
        };
        var persistent =
            new Option<bool>("--persistent") { Description = "Keep the reservation after the command exits." };
        var expire = new Option<TimeSpan?>("--expire")
        {
            Description = "End the reservation after this time if no domain has taken it: 30m, 2h, 7d.",
            HelpName = "TIME",
            CustomParser = static result => DurationParser.Duration(result, ReservationRequest.LongestWithin),
        };
        Option<string?> domain = ForOption.Create("The domain that takes the memory as soon as it is being built.");
        Option<bool> libvirt = LibvirtOption.Create();
        NotedCommand command = DaemonCommand.Create(terminal, "reserve", Description, Notes, call =>
        {
            DomainConfiguration? described = call.Parsed.GetValue(libvirt) ? LibvirtOption.Read() : null;
            KiB minimum = described is null ? call.Parsed.GetValue(size)!.Value : MemoryNeed.Of(described).Total;
            TimeSpan? limit =
                call.Parsed.GetValue(deadline) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return Hold(call, new ReservationRequest(
                minimum,
                call.Parsed.GetValue(maximum) ?? minimum,
                Persistent: call.Parsed.GetValue(persistent),
                Within: limit,
                For: call.Parsed.GetValue(domain) ?? described?.Name ?? "",
                ExpiresAfter: call.Parsed.GetValue(expire)));
        });
        command.Add(size);
        command.Add(maximum);
        command.Add(deadline);
        command.Add(persistent);
        command.Add(expire);
        command.Add(domain);
        command.Add(libvirt);
        command.Validators.Add(result =>
        {
            if (result.GetResult(size) is { Tokens.Count: > 0 } == result.GetValue(libvirt))
            {
                result.AddError("expected either a size or --libvirt");
            }
        });
        return command;
    }

    private static ExitCode Hold(DaemonCall call, ReservationRequest request)
    {
        using var signals = new StopSignals();
        HostStatus host = call.Client.Read();
        if (!host.IsActive)
        {
            call.Terminal.Error.WriteLine(
                $"xenballoon: mode is {Printable.Of(host.Mode)}: no memory is freed for the reservation; "
                + "run 'xenballoon mode active'");
        }

        HeldReservation held = HeldReservation.Make(call.Client, request);
        ReservationStatus? ready = held.WaitUntilReady(new ReservationProgress(call.Terminal).Show, signals.Token);
        if (signals.Token.IsCancellationRequested)
        {
            return Release(call, held, ready is null ? ExitCode.Interrupted : ExitCode.Ok);
        }

        if (ready is null) return ExitCode.Ok;
        call.Write(() => Json.Write(ready), [ReservationText.Ready(ready, DateTimeOffset.UtcNow)]);
        if (request.Persistent) return ExitCode.Ok;
        held.WaitUntilGone(signals.Token);
        return signals.Token.IsCancellationRequested ? Release(call, held, ExitCode.Ok) : ExitCode.Ok;
    }

    private static ExitCode Release(DaemonCall call, HeldReservation held, ExitCode code)
    {
        held.Release();
        call.Terminal.Error.WriteLine(ReservationText.Released(held.Id));
        return code;
    }
}

/// <summary><c>xenballoon reservations</c>.</summary>
internal static class ReservationsCommand
{
    private const string Description = "List the memory that is set aside for domains that will start.";

    private const string Notes = """
        A reservation that is ready and that no domain has taken is shown with the time for which it has
        waited: 'xenballoon release ID' gives its memory back to all domains.

        Examples:
          xenballoon reservations
          xenballoon reservations --json | jq '.reservations[] | {id, state, held_kib}'
        """;

    internal static NotedCommand Create(Terminal terminal) =>
        DaemonCommand.Create(terminal, "reservations", Description, Notes, static call =>
        {
            HostStatus host = call.Client.Read();
            return call.Write(
                () => Json.Write(new ReservationsJson(host.Reservations)),
                ReservationText.Table(host.Reservations, DateTimeOffset.UtcNow).Lines(call.Terminal.Width));
        });
}

/// <summary><c>xenballoon release</c>.</summary>
internal static class ReleaseCommand
{
    private const string Description = "End a reservation: its memory is free for all domains again.";

    private const string Notes = DaemonCommand.Authorized + """
        With --json, the remaining reservations are written.

        Examples:
          xenballoon release 3
          xenballoon release --for web
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        Argument<long> reservation = ReservationArgument.Create();
        reservation.Arity = ArgumentArity.ZeroOrOne;
        Option<string?> domain = ForOption.Create("Release all unclaimed reservations for this domain.");
        NotedCommand command = DaemonCommand.Create(terminal, "release", Description, Notes, call =>
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
        // What the daemon holds for a reboot is not the caller's: libvirt's hook releases between the end of a domain
        // and its new start.
        var waiting = call.Client.Read().Reservations.Where(reservation =>
            reservation.For == domain
            && reservation.Domid is null
            && reservation.Owner != ReservationBook.ReturnOwner);
        long[] ids = [.. waiting.Select(reservation => reservation.Id)];
        return ids.Length > 0 ? Release(call, ids) : throw new ControlException(
            ControlError.NoSuchReservation,
            $"no unclaimed reservation for '{domain}': see 'xenballoon reservations'");
    }

    private static ExitCode Release(DaemonCall call, long[] reservations)
    {
        foreach (long id in reservations) call.Client.Cancel(id);
        return call.Write(
            () => Json.Write(new ReservationsJson(call.Client.Read().Reservations)),
            reservations.Select(ReservationText.Released));
    }
}

/// <summary><c>xenballoon transfer</c>.</summary>
internal static class TransferCommand
{
    private const string Description = "Give a reservation that is ready to a domain that exists.";

    private const string Notes = DaemonCommand.Authorized + """
        Not needed for a reservation that was made with --for: its domain claims it automatically.

        Examples:
          xenballoon transfer 3 web
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        Argument<long> reservation = ReservationArgument.Create();
        Argument<string> domain = DomainArgument.Create();
        NotedCommand command = DaemonCommand.Create(terminal, "transfer", Description, Notes, call => call.WithDomain(
            domain, domid => call.Client.Transfer(call.Parsed.GetValue(reservation), domid), DomainText.Settings));
        command.Add(reservation);
        command.Add(domain);
        return command;
    }
}
