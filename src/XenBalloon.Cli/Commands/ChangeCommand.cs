using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary>What the commands have in common that change settings of a domain, all of them in one call.</summary>
internal static class ChangeCommand
{
    /// <param name="terminal">Where it writes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does; that it requires authorization is added.</param>
    /// <param name="changes">What it changes; null for a setting that is left to the configuration.</param>
    internal static Command Create(
        Terminal terminal,
        string name,
        string description,
        Func<ParseResult, IReadOnlyDictionary<DomainSetting, long?>> changes)
    {
        Argument<string> domain = DomainArgument.Create();
        Option<bool> runtime = RuntimeOption.Create();
        string authorized = $"{description} {DaemonCommand.Authorized}";
        Command command = DaemonCommand.Create(terminal, name, authorized, call => call.WithDomain(
            domain,
            domid => call.Client.Set(domid, changes(call.Parsed), call.Parsed.GetValue(runtime)),
            DomainText.Settings));
        command.Add(domain);
        command.Add(runtime);
        return command;
    }
}
