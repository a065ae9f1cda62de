using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary>A command under way, with the daemon at the other end.</summary>
/// <param name="Terminal">Where it writes.</param>
/// <param name="Parsed">Its command line.</param>
/// <param name="Client">The daemon.</param>
/// <param name="AsJson">Whether JSON is wanted.</param>
internal sealed record DaemonCall(Terminal Terminal, ParseResult Parsed, BalloonClient Client, bool AsJson)
{
    /// <summary>Writes what a person wants to read, or what a script does.</summary>
    internal ExitCode Say(Func<string> json, IEnumerable<string> lines)
    {
        LineWriter.Write(Terminal, AsJson ? [json()] : lines);
        return ExitCode.Ok;
    }

    /// <summary>Says no, in one line.</summary>
    internal ExitCode Fail(string message, ExitCode code)
    {
        Terminal.Error.WriteLine($"xenballoon: {Printable.Of(message)}");
        return code;
    }

    /// <summary>Does something with the domain that is meant, and shows what came of it.</summary>
    /// <param name="argument">Which one is meant.</param>
    /// <param name="change">What to do with it.</param>
    /// <param name="lines">What to tell a person of it then.</param>
    internal ExitCode WithDomain(Argument<string> argument, Action<DomainStatus> change, Func<DomainStatus, IEnumerable<string>> lines)
    {
        string wanted = Parsed.GetRequiredValue(argument);
        uint domid = Client.FindDomain(wanted);
        if (Find(domid) is not { } before) return Gone(wanted);
        change(before);
        DomainStatus? after = Find(domid);
        return after is null ? Gone(wanted) : Say(() => Json.Write(DomainJson.Of(after)), lines(after));
    }

    private DomainStatus? Find(uint domid) => Client.Read().Domains.FirstOrDefault(domain => domain.Domid == domid);

    private ExitCode Gone(string wanted) => Fail($"domain '{wanted}' has just gone: 'xenballoon list' shows those there are", ExitCode.NoSuchDomain);
}
