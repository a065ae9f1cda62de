using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.Cli.Running;
using XenBalloon.Cli.Toolstack;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon need</c>.</summary>
internal static class NeedCommand
{
    internal const string Name = "need";

    internal const string Notes = """
        Configuration files are read by xl itself (xl create -n, which creates nothing). No daemon is needed.

        Examples:
          xenballoon need -- xl create /etc/xen/web.cfg
          xenballoon need --json -- xl restore /var/lib/xen/save/web
          virsh dumpxml web | xenballoon need --libvirt
        """;

    private const string Description = "Show how much memory must be free for a domain to start, and what it is for.";

    internal static Command Create(Terminal terminal)
    {
        Option<bool> libvirt = LibvirtOption.Create(), json = JsonOption.Create();
        var command = new Command(Name, Description) { libvirt, json };
        Argument<string[]> words = ProgramArgument.AddTo(
            command, "xl create or xl restore with its arguments, after two dashes.", ArgumentArity.ZeroOrMore);
        command.Validators.Add(result =>
        {
            if (result.GetValue(libvirt) == result.GetValue(words) is { Length: > 0 })
            {
                result.AddError("expected either an xl command or --libvirt");
            }
        });
        command.SetAction(parsed =>
        {
            DomainConfiguration domain =
                parsed.GetValue(libvirt) ? LibvirtOption.Read() : Plan(parsed.GetRequiredValue(words));
            MemoryNeed need = MemoryNeed.Of(domain);
            string name = domain.Name.Length == 0 ? "a domain" : Printable.Of(domain.Name);
            string text = parsed.GetValue(json) ? Json.Write(NeedJson.Of(domain, need)) : $"{name} takes {need}";
            LineWriter.Write(terminal, [text]);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static DomainConfiguration Plan(string[] words) =>
        XlCommandLine.Of(words) is { Start: XlStart.Create or XlStart.Restore } line
        ? StartPlanner.Plan(line)
        : throw new ToolstackException(
            $"'{string.Join(' ', words)}' does not start a domain: expected xl create or xl restore");
}
