using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using XenBalloon.Bus;
using XenBalloon.Cli.Commands;
using XenBalloon.Cli.Reserving;
using XenBalloon.Cli.Running;
using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli;

/// <summary>The command line as a whole, and the one place that turns failures into exit codes.</summary>
internal static class XenBalloonCommand
{
    private const string Description =
        "Shows and controls how xenballoond balances memory between the domains of a Xen host.";

    private const string Notes = """
        Examples:
          xenballoon list                     all domains with their memory, and why
          xenballoon explain web              one domain in detail
          xenballoon top                      watch memory move
          xenballoon set web --min 512m       never less than that
          xenballoon pin db 2g                exactly this size
          xenballoon mode observe             change nothing
          xenballoon reserve 2g               set memory aside until Ctrl-C
          xenballoon run -- xl create db.cfg  start a domain when its memory is free
          xenballoon list --json | jq '.domains[] | {name, actual_kib}'

        Exit codes: 0 done, 1 failed, 2 invalid command line, 3 xenballoond does not run, 4 no such domain,
        6 not enough memory, 125 to 127 not run, 130 interrupted.
        """;

    /// <summary>A domain may be called <c>@web</c>: that is not a file of arguments.</summary>
    private static readonly ParserConfiguration Literal = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command.</summary>
    internal static ExitCode Run(string[] arguments, Terminal terminal)
    {
        try
        {
            ParseResult parsed = Create(terminal).Parse(arguments, Literal);
            if (parsed.Action is ParseErrorAction) return Refuse(parsed, terminal);
            return (ExitCode)parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (ControlException exception)
        {
            return Fail(terminal, exception.Message, (ExitCode)exception.Error.ExitStatus());
        }
        catch (ReservationEndedException exception)
        {
            return Fail(terminal, exception.Message, exception.IsExpired ? ExitCode.NoMemory : ExitCode.Failed);
        }
        catch (ChildProgramException exception)
        {
            return Fail(terminal, exception.Message, exception.Code);
        }
        catch (Exception exception) when (exception is OutputException or ToolstackException)
        {
            return Fail(terminal, exception.Message, ExitCode.Failed);
        }
        catch (Exception exception)
        {
            // A stack trace is of no use to an operator; the kind and the message are enough for a report.
            return Fail(terminal, $"{exception.GetType().Name}: {exception.Message}", ExitCode.Failed);
        }
    }

    private static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand(Description)
        {
            ListCommand.Create(terminal),
            StatusCommand.Create(terminal),
            ExplainCommand.Create(terminal),
            TopCommand.Create(terminal),
            SetCommand.Create(terminal),
            PinCommand.Create(terminal),
            PinCommand.CreateOpposite(terminal),
            ManageCommand.Create(terminal),
            ManageCommand.CreateOpposite(terminal),
            ModeCommand.Create(terminal),
            PolicyCommand.Create(terminal),
            ReloadCommand.Create(terminal),
            BalanceCommand.Create(terminal),
            ReserveCommand.Create(terminal),
            ReservationsCommand.Create(terminal),
            ReleaseCommand.Create(terminal),
            TransferCommand.Create(terminal),
            RunCommand.Create(terminal),
            NeedCommand.Create(terminal),
        };
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction(root.Name, terminal.Output);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes((HelpAction)help.Action!, terminal.Output, new Dictionary<string, string>
        {
            [root.Name] = Notes,
            [ListCommand.Name] = ListCommand.Notes,
            [StatusCommand.Name] = StatusCommand.Notes,
            [ExplainCommand.Name] = ExplainCommand.Notes,
            [TopCommand.Name] = TopCommand.Notes,
            [SetCommand.Name] = SetCommand.Notes,
            [PinCommand.Name] = PinCommand.Notes,
            [PinCommand.Opposite] = PinCommand.OppositeNotes,
            [ManageCommand.Name] = ManageCommand.Notes,
            [ManageCommand.Opposite] = ManageCommand.OppositeNotes,
            [ModeCommand.Name] = ModeCommand.Notes,
            [PolicyCommand.Name] = PolicyCommand.Notes,
            [ReloadCommand.Name] = ReloadCommand.Notes,
            [BalanceCommand.Name] = BalanceCommand.Notes,
            [ReserveCommand.Name] = ReserveCommand.Notes,
            [ReservationsCommand.Name] = ReservationsCommand.Notes,
            [ReleaseCommand.Name] = ReleaseCommand.Notes,
            [TransferCommand.Name] = TransferCommand.Notes,
            [RunCommand.Name] = RunCommand.Notes,
            [NeedCommand.Name] = NeedCommand.Notes,
        });
        return root;
    }

    private static ExitCode Refuse(ParseResult parsed, Terminal terminal)
    {
        Command command = parsed.CommandResult.Command;
        string name = command is RootCommand ? "xenballoon" : $"xenballoon {command.Name}";
        string wrong = command is RootCommand && parsed.UnmatchedTokens is [var first, ..]
            ? $"there is no command '{first}'"
            : parsed.Errors[0].Message.TrimEnd('.');
        return Fail(terminal, $"{wrong}: see '{name} --help'", ExitCode.Usage);
    }

    private static ExitCode Fail(Terminal terminal, string message, ExitCode code)
    {
        string line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        terminal.Error.WriteLine($"xenballoon: {Printable.Of(line)}");
        return code;
    }
}
