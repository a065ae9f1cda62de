using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon explain</c>.</summary>
internal static class ExplainCommand
{
    internal static Command Create(Terminal terminal)
    {
        var domain = new Argument<string>("DOMAIN") { Description = "A name, a UUID or a domid; a whole number is a domid." };
        Option<bool> json = JsonOption.Create();
        var command = new Command("explain", "Why one domain has the memory it has, with all the numbers that led there.") { domain, json };
        command.SetAction(parsed => (int)Run(terminal, parsed.GetRequiredValue(domain), parsed.GetValue(json)));
        return command;
    }

    private static ExitCode Run(Terminal terminal, string wanted, bool json)
    {
        using BalloonClient daemon = Daemon.Connect();
        uint domid = daemon.FindDomain(wanted);
        DomainStatus? domain = daemon.Read().Domains.FirstOrDefault(domain => domain.Domid == domid);
        if (domain is null)
        {
            terminal.Error.WriteLine($"xenballoon: domain '{wanted}' has just gone");
            return ExitCode.NoSuchDomain;
        }

        if (json) LineWriter.Write(terminal, [Json.Write(DomainJson.Of(domain))]);
        else LineWriter.Write(terminal, ExplainText.Of(domain));
        return ExitCode.Ok;
    }
}
