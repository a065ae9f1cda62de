using System.CommandLine;
using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary>A command that is being carried out, connected to the daemon.</summary>
/// <param name="Terminal">Where it writes.</param>
/// <param name="Parsed">Its command line.</param>
/// <param name="Client">The daemon.</param>
/// <param name="AsJson">Whether to write JSON.</param>
internal sealed record DaemonCall(Terminal Terminal, ParseResult Parsed, BalloonClient Client, bool AsJson)
{
    /// <summary>Writes lines for a person, or JSON where that was asked for.</summary>
    internal ExitCode Say(Func<string> json, IEnumerable<string> lines)
    {
        LineWriter.Write(Terminal, AsJson ? [json()] : lines);
        return ExitCode.Ok;
    }

    /// <summary>Does something with a domain, and shows the domain as it is then.</summary>
    /// <param name="argument">The argument that names it.</param>
    /// <param name="change">What to do with it.</param>
    /// <param name="lines">What to write about it for a person.</param>
    internal ExitCode WithDomain(
        Argument<string> argument, Action<uint> change, Func<DomainStatus, IEnumerable<string>> lines)
    {
        string wanted = Parsed.GetRequiredValue(argument);
        uint domid = Client.FindDomain(wanted);
        change(domid);
        return Client.Read().Domains.FirstOrDefault(domain => domain.Domid == domid) is { } domain
            ? Say(() => Json.Write(domain), lines(domain))
            : throw new ControlException(
                ControlError.NoSuchDomain, $"domain '{wanted}' no longer exists; see 'xenballoon list'");
    }
}
