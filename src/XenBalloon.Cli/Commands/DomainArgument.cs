using System.CommandLine;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Commands;

/// <summary>DOMAIN, the same for all commands that take one.</summary>
internal static class DomainArgument
{
    internal static Argument<string> Create()
    {
        var domain = new Argument<string>("DOMAIN") { Description = "A name, a UUID or a domid; a whole number is a domid." };

        // Another host would have to be asked by ssh, which may want a password: no names are better than this host's.
        domain.CompletionSources.Add(static context => HostOption.IsGiven(context.ParseResult) ? [] : Names());
        return domain;
    }

    /// <summary>For a shell that completes: a daemon that cannot be asked has no names to offer, and nobody to tell.</summary>
    private static string[] Names()
    {
        try
        {
            using BalloonClient daemon = Daemon.Connect(host: null);
            return [.. daemon.Read().Domains.Select(domain => domain.Name).Where(name => name.Length > 0 && !name.Any(char.IsControl))];
        }
        catch (BalloonClientException)
        {
            return [];
        }
    }
}
