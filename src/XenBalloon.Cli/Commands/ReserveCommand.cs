using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.Cli.Reserving;
using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon reserve</c>.</summary>
internal static class ReserveCommand
{
    internal const string Name = "reserve";

    internal const string Notes = """
        Progress is written to standard error; standard output gets a line (or JSON) when it is ready. It is
        then held until Ctrl-C, which releases it, or until a domain has taken it. A persistent one is kept
        after the command exits: 'xenballoon release' ends it.

        Examples:
          xenballoon reserve 2g
          xenballoon reserve 2g --max 4g --deadline 60 --for web
          xenballoon reserve 2g --persistent
          virsh dumpxml web | xenballoon reserve --libvirt
        """;

    private const string Description =
        $"Set memory aside for a domain that will start, and hold it. {DaemonCommand.Authorized}";

    internal static Command Create(Terminal terminal)
    {
        var size = new Argument<KiB?>("SIZE")
        {
            Description = "At least this much: 512m, 1.5g.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = SizeParser.Size,
        };
        var maximum = new Option<KiB?>("--max")
        {
            Description = "Up to this much, where that costs no other domain anything.",
            HelpName = "SIZE",
            CustomParser = SizeParser.Size,
        };
        var deadline = new Option<double?>("--deadline")
        {
            Description = "Give up after this many seconds; 0 for at once or not at all.",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, least: 0),
        };
        var persistent =
            new Option<bool>("--persistent") { Description = "Keep the reservation after the command exits." };
        Option<string?> domain = ForOption.Create("The domain that takes it as soon as it is being built.");
        Option<bool> libvirt = LibvirtOption.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            DomainConfiguration? described = call.Parsed.GetValue(libvirt) ? LibvirtOption.Read() : null;
            KiB minimum =
                described is null ? call.Parsed.GetValue(size)!.Value : MemoryNeed.Of(described).Total;
            TimeSpan? within =
                call.Parsed.GetValue(deadline) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return Hold(call, new ReservationRequest(
                minimum,
                call.Parsed.GetValue(maximum) ?? minimum,
                Persistent: call.Parsed.GetValue(persistent),
                Within: within,
                For: call.Parsed.GetValue(domain) ?? described?.Name ?? ""));
        });
        command.Add(size);
        command.Add(maximum);
        command.Add(deadline);
        command.Add(persistent);
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
                $"the mode is {Printable.Of(host.Mode)}: no memory is freed for it (xenballoon mode active)");
        }

        HeldReservation held = HeldReservation.Make(call.Client, request);
        ReservationStatus? ready = held.WaitUntilReady(new ReservationProgress(call.Terminal).Show, signals.Token);
        if (signals.Token.IsCancellationRequested)
        {
            return Release(call, held, ready is null ? ExitCode.Interrupted : ExitCode.Ok);
        }

        if (ready is null) return ExitCode.Ok;
        call.Say(() => Json.Write(ready), [ReservationText.Progress(ready, DateTimeOffset.UtcNow)]);
        if (request.Persistent) return ExitCode.Ok;
        held.WaitUntilGone(signals.Token);
        return signals.Token.IsCancellationRequested ? Release(call, held, ExitCode.Ok) : ExitCode.Ok;
    }

    private static ExitCode Release(DaemonCall call, HeldReservation held, ExitCode code)
    {
        held.Release();
        call.Terminal.Error.WriteLine($"reservation {held.Id} is released");
        return code;
    }
}
