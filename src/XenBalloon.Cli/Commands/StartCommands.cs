using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.Cli.Reservations;
using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon run</c>.</summary>
internal static class RunCommand
{
    private const string Description = "Run a command that starts a domain when the memory for it is free.";

    private const string Notes = """
        For xl create, restore and migrate-receive, the memory that is needed is worked out; other commands
        require --need, and --for with the name of the domain that they start. The exit status is the
        command's, or 125 if the command is not run because its memory did not become free in time. The
        command runs without a reservation if xenballoond does not run or its mode is not active, if the user
        is not authorized (root or polkit), if a domain of that name exists, or if the need is unknown.
        While xl save or xl migrate runs, the memory of its domain stays as it is.

        Examples:
          xenballoon run -- xl create /etc/xen/web.cfg
          xenballoon run --timeout 30 -- xl restore /var/lib/xen/save/web
          xenballoon run --need 2g --for web -- virsh start web
          xenballoon run -- xl migrate web other-host
        """;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    internal static NotedCommand Create(Terminal terminal)
    {
        var need = new Option<KiB?>("--need")
        {
            Description = "How much memory the command needs.",
            HelpName = "SIZE",
            CustomParser = SizeParser.Size,
        };
        Option<string?> domain = ForOption.Create("The domain that the command starts.");
        var timeout = new Option<double?>("--timeout")
        {
            Description = "Give up if the memory is not free after this many seconds (120).",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, least: 0),
        };
        var command = new NotedCommand("run", Description, Notes) { need, domain, timeout };
        Argument<string[]> program = ProgramArgument.AddTo(
            command, "The command and its arguments, after two dashes.", ArgumentArity.OneOrMore);
        command.SetAction(parsed => new DomainStarter(terminal, new RunOptions(
            parsed.GetRequiredValue(program),
            parsed.GetValue(need),
            parsed.GetValue(domain),
            parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultTimeout)).Run());
        return command;
    }
}

/// <summary><c>xenballoon need</c>.</summary>
internal static class NeedCommand
{
    private const string Description = "Show how much memory must be free for a domain to start, and what for.";

    private const string Notes = """
        Configuration files are read by xl itself (xl create -n, which creates nothing). No daemon is needed.

        Examples:
          xenballoon need -- xl create /etc/xen/web.cfg
          xenballoon need --json -- xl restore /var/lib/xen/save/web
          virsh dumpxml web | xenballoon need --libvirt
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        Option<bool> libvirt = LibvirtOption.Create(), json = JsonOption.Create();
        var command = new NotedCommand("need", Description, Notes) { libvirt, json };
        Argument<string[]> program = ProgramArgument.AddTo(
            command, "xl create or xl restore with its arguments, after two dashes.", ArgumentArity.ZeroOrMore);
        command.Validators.Add(result =>
        {
            if (result.GetValue(libvirt) == result.GetValue(program) is { Length: > 0 })
            {
                result.AddError("expected either an xl command or --libvirt");
            }
        });
        command.SetAction(parsed =>
        {
            DomainConfiguration domain =
                parsed.GetValue(libvirt) ? LibvirtOption.Read() : Read(parsed.GetRequiredValue(program));
            MemoryNeed need = MemoryNeed.Of(domain);
            string name = domain.Name.Length == 0 ? "a domain" : Printable.Of(domain.Name);
            string text = parsed.GetValue(json) ? Json.Write(NeedJson.Of(domain, need)) : $"{name} needs {need}";
            LineWriter.Write(terminal, [text]);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static DomainConfiguration Read(string[] command) =>
        XlCommandLine.Of(command) is { Start: XlStart.Create or XlStart.Restore } line
            ? DomainPlan.Read(line)
            : throw new ToolstackException(
                $"'{string.Join(' ', command)}' does not start a domain: expected xl create or xl restore");
}
