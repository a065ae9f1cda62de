using System.CommandLine;
using XenBalloon.Bus;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Commands;

/// <summary>DOMAIN, the same for all commands that take one.</summary>
internal static class DomainArgument
{
    internal static Argument<string> Create()
    {
        var domain = new Argument<string>("DOMAIN")
        {
            Description = "A name, a UUID or a domid; a whole number is a domid.",
            HelpName = "DOMAIN", // else help would ask the daemon for all names
        };

        // Asking another host takes ssh, which may want a password; and this host's names would be wrong.
        domain.CompletionSources.Add(static context => HostOption.IsGiven(context.ParseResult) ? [] : Names());
        return domain;
    }

    /// <summary>The names of this host's domains; none, without an error, where the daemon cannot be asked.</summary>
    private static string[] Names()
    {
        try
        {
            using BalloonClient daemon = Daemon.Connect(host: null);
            IEnumerable<string> names = daemon.Read().Domains.Select(domain => domain.Name);
            return [.. names.Where(name => name.Length > 0 && !name.Any(char.IsControl))];
        }
        catch (ControlException)
        {
            return [];
        }
    }
}
