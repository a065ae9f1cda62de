using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using XenBalloon.Bus;
using XenBalloon.Cli.Commands;
using XenBalloon.Cli.Output;
using XenBalloon.Cli.Reservations;
using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli;

/// <summary>The command line as a whole, and the only place that turns failures into exit codes.</summary>
internal static class XenBalloonCommand
{
    private const string Program = "xenballoon";
    private const string FormerCommand = "simulate";

    private const string Description =
        "Show and control how xenballoond balances memory between the domains of a Xen host.";

    private const string Notes = """
        A command may be abbreviated while that is unambiguous: 'xenballoon exp web'. Options of a command may
        come before or after its arguments; -H and --json also before the command. Any user can read;
        changes require root or polkit authorization.

        Examples:
          xenballoon list                     all domains with their memory, and why
          xenballoon explain web              one domain in detail
          xenballoon top                      live view of the domains' memory
          xenballoon -H root@xen2 list        the domains of another host
          xenballoon set web --min 512m       never less than that
          xenballoon pin db 2g                exactly this size
          xenballoon mode observe             change nothing
          xenballoon reserve 2g               set memory aside until Ctrl-C
          xenballoon run -- xl create db.cfg  start a domain when its memory is free
          xenballoon list --json | jq '.domains[] | {name, actual_kib}'

        Exit codes: 0 success, 1 failure, 2 invalid command line, 3 xenballoond does not run, 4 no such domain,
        6 not enough memory, 125 to 127 command not run, 130 interrupted.
        """;

    /// <summary>Without response files: a domain may be called <c>@web</c>.</summary>
    private static readonly ParserConfiguration Literal = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command.</summary>
    internal static ExitCode Run(string[] arguments, Terminal terminal)
    {
        try
        {
            RootCommand root = Create(terminal);
            string[] names = [.. root.Subcommands.Select(command => command.Name)];
            string[] words = CommandLineOrder.Rewrite(arguments, names);
            if (words is [FormerCommand, ..])
            {
                return Fail(terminal, $"unknown command '{FormerCommand}': use xenballoon-simulate", ExitCode.Usage);
            }

            ParseResult parsed = root.Parse(words, Literal);
            if (parsed.Action is ParseErrorAction) return Refuse(parsed, names, terminal);
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
        catch (ReservationFailedException exception)
        {
            return Fail(terminal, exception.Message, exception.IsExpired ? ExitCode.NoMemory : ExitCode.Failed);
        }
        catch (ProgramException exception)
        {
            return Fail(terminal, exception.Message, exception.IsMissing ? ExitCode.NotFound : ExitCode.NotExecutable);
        }
        catch (CommandNotRunException exception)
        {
            return Fail(terminal, exception.Message, ExitCode.NotRun);
        }
        catch (Exception exception) when (exception is OutputException or ToolstackException)
        {
            return Fail(terminal, exception.Message, ExitCode.Failed);
        }
        catch (Exception exception)
        {
            // A stack trace is useless to an operator; the type and the message are enough for a bug report.
            return Fail(terminal, $"{exception.GetType().Name}: {exception.Message}", ExitCode.Failed);
        }
    }

    private static RootCommand Create(Terminal terminal)
    {
        NotedCommand[] commands =
        [
            ListCommand.Create(terminal),
            ExplainCommand.Create(terminal),
            StatusCommand.Create(terminal),
            TopCommand.Create(terminal),
            SetCommand.Create(terminal),
            PinCommand.Create(terminal),
            PinCommand.CreateUnpin(terminal),
            ManageCommand.Create(terminal),
            ManageCommand.CreateUnmanage(terminal),
            ModeCommand.Create(terminal),
            PolicyCommand.Create(terminal),
            ReloadCommand.Create(terminal),
            BalanceCommand.Create(terminal),
            RestoreCommand.Create(terminal),
            RunCommand.Create(terminal),
            NeedCommand.Create(terminal),
            ReserveCommand.Create(terminal),
            ReservationsCommand.Create(terminal),
            ReleaseCommand.Create(terminal),
            TransferCommand.Create(terminal),
        ];
        var root = new RootCommand(Description);
        foreach (NotedCommand command in commands) root.Add(command);
        Dictionary<string, string> notes = commands.ToDictionary(command => command.Name, command => command.Notes);
        notes.Add(root.Name, Notes);
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction(root.Name, terminal.Output);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes((HelpAction)help.Action!, terminal.Output, notes);
        return root;
    }

    private static ExitCode Refuse(ParseResult parsed, string[] names, Terminal terminal)
    {
        Command command = parsed.CommandResult.Command;
        if (command is not RootCommand)
        {
            string error = parsed.Errors[0].Message.TrimEnd('.');
            return Fail(terminal, $"{error}: see '{Program} {command.Name} --help'", ExitCode.Usage);
        }

        string wrong = parsed.UnmatchedTokens is not [var word, ..]
            ? parsed.Errors[0].Message.TrimEnd('.')
            : CommandLineOrder.Candidates(word, names) is { Length: > 1 } candidates
                ? $"ambiguous command '{word}': expected {EnumText.List([.. candidates])}"
                : $"unknown command '{word}'";
        return Fail(terminal, $"{wrong}: see '{Program} --help'", ExitCode.Usage);
    }

    private static ExitCode Fail(Terminal terminal, string message, ExitCode code)
    {
        string line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        terminal.Error.WriteLine($"{Program}: {Printable.Of(line)}");
        return code;
    }
}
