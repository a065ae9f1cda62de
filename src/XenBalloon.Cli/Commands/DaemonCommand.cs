using System.CommandLine;
using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary>A command of xenballoon.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does, in a line or two.</param>
/// <param name="notes">Remarks and examples, which end its help.</param>
internal sealed class NotedCommand(string name, string description, string notes) : Command(name, description)
{
    /// <summary>Remarks and examples.</summary>
    internal string Notes => notes;
}

/// <summary>
/// Creates commands that send requests to the daemon: with <c>--host</c>, <c>--json</c> and a connection.
/// </summary>
internal static class DaemonCommand
{
    /// <summary>The first remark on a command that changes something.</summary>
    internal const string Authorized = "Requires root or polkit authorization.\n\n";

    internal static NotedCommand Create(
        Terminal terminal, string name, string description, string notes, Func<DaemonCall, ExitCode> run)
    {
        Option<string?> host = HostOption.Create();
        Option<bool> json = JsonOption.Create();
        var command = new NotedCommand(name, description, notes) { host, json };
        command.SetAction(parsed =>
        {
            using BalloonClient daemon = HostOption.Connect(parsed.GetValue(host));
            return (int)run(new DaemonCall(terminal, parsed, daemon, parsed.GetValue(json)));
        });
        return command;
    }
}

/// <summary>A command that runs, connected to the daemon.</summary>
/// <param name="Terminal">The terminal for its output.</param>
/// <param name="Parsed">The command line.</param>
/// <param name="Client">The daemon.</param>
/// <param name="AsJson">Whether to write JSON.</param>
internal sealed record DaemonCall(Terminal Terminal, ParseResult Parsed, BalloonClient Client, bool AsJson)
{
    /// <summary>Writes the result, as JSON or as plain text.</summary>
    internal ExitCode Write(Func<string> json, IEnumerable<string> lines)
    {
        LineWriter.Write(Terminal, AsJson ? [json()] : lines);
        return ExitCode.Ok;
    }

    /// <summary>Changes a domain, then writes how it is afterwards.</summary>
    /// <param name="argument">The argument that names the domain.</param>
    /// <param name="change">Changes the domain with this domid.</param>
    /// <param name="lines">The plain text for the domain.</param>
    internal ExitCode WithDomain(
        Argument<string> argument, Action<uint> change, Func<DomainStatus, IEnumerable<string>> lines)
    {
        string name = Parsed.GetRequiredValue(argument);
        uint domid = Client.FindDomain(name);
        change(domid);
        return Client.Read().Domains.FirstOrDefault(domain => domain.Domid == domid) is { } domain
            ? Write(() => Json.Write(domain), lines(domain))
            : throw new ControlException(
                ControlError.NoSuchDomain, $"domain '{name}' no longer exists: see 'xenballoon list'");
    }
}

/// <summary><c>--host</c> of the commands that send requests to the daemon.</summary>
internal static class HostOption
{
    private const string Name = "--host";

    internal static Option<string?> Create()
    {
        const string Form = "[USER@]HOST";
        var host = new Option<string?>(Name, "-H")
        {
            Description = "Use the daemon of another host, by ssh.",
            HelpName = Form,
        };
        host.Validators.Add(static result =>
        {
            // The value becomes an argument of ssh, which must not take it for an option.
            if (result.Tokens is [{ Value: "" or ['-', ..] } given])
            {
                result.AddError($"invalid host '{given.Value}': expected {Form}");
            }
        });
        return host;
    }

    /// <summary>Connects to the daemon.</summary>
    /// <param name="host">Another host, as ssh takes it; null for this host.</param>
    /// <exception cref="ControlException">The system bus cannot be reached.</exception>
    internal static BalloonClient Connect(string? host) =>
        host is null ? BalloonClient.Connect() : BalloonClient.ConnectTo(host);

    /// <summary>Whether a command line names another host.</summary>
    internal static bool IsGiven(ParseResult parsed) => parsed.CommandResult.Command.Options.OfType<Option<string?>>()
        .Any(option => option.Name == Name && parsed.GetValue(option) is not null);
}
