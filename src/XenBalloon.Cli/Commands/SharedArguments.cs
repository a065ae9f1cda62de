using System.CommandLine;
using System.Globalization;
using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Toolstack;

namespace XenBalloon.Cli.Commands;

/// <summary>The argument DOMAIN.</summary>
internal static class DomainArgument
{
    internal static Argument<string> Create()
    {
        var domain = new Argument<string>("DOMAIN")
        {
            Description = "A name, a UUID or a domid; a whole number is a domid.",

            // Without a name for help, help would ask the daemon for completions and list all domains.
            HelpName = "DOMAIN",
        };

        // Names of another host would require ssh, which may ask for a password.
        domain.CompletionSources.Add(static context => HostOption.IsGiven(context.ParseResult) ? [] : Names());
        return domain;
    }

    /// <summary>The names of this host's domains; none if the daemon cannot be reached.</summary>
    private static string[] Names()
    {
        try
        {
            using BalloonClient daemon = BalloonClient.Connect();
            IEnumerable<string> names = daemon.Read().Domains.Select(domain => domain.Name);
            return [.. names.Where(name => name.Length > 0 && !name.Any(char.IsControl))];
        }
        catch (ControlException)
        {
            return [];
        }
    }
}

/// <summary>The argument RESERVATION.</summary>
internal static class ReservationArgument
{
    internal static Argument<long> Create() => new("RESERVATION")
    {
        Description = "The number of a reservation, as in 'xenballoon reservations'.",
        CustomParser = static result =>
        {
            string text = result.Tokens[0].Value;
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long id))
            {
                result.AddError($"invalid reservation '{text}': expected a number from 'xenballoon reservations'");
            }

            return id;
        },
    };
}

/// <summary>The argument COMMAND: an external command with its arguments.</summary>
internal static class ProgramArgument
{
    /// <summary>Adds the argument to a command of xenballoon.</summary>
    internal static Argument<string[]> AddTo(Command command, string description, ArgumentArity arity)
    {
        var program = new Argument<string[]>("COMMAND") { Description = description, Arity = arity };
        command.Add(program);

        // The parser takes an unknown option for the start of the external command.
        command.Validators.Add(result =>
        {
            if (result.GetValue(program) is [['-', ..] first, ..])
            {
                result.AddError($"unknown option '{first}': write '--' before the command");
            }
        });
        return program;
    }
}

/// <summary><c>--for</c>: the domain of a reservation.</summary>
internal static class ForOption
{
    internal static Option<string?> Create(string description)
    {
        var domain = new Option<string?>("--for") { Description = description, HelpName = "NAME|UUID" };
        domain.Validators.Add(static result =>
        {
            // On the bus, an empty name stands for a reservation for any domain.
            if (result.Tokens is [{ Value: var name }] && string.IsNullOrWhiteSpace(name))
            {
                result.AddError("invalid --for '': expected the name or UUID of a domain");
            }
        });
        return domain;
    }
}

/// <summary><c>--libvirt</c>: a domain described by libvirt's XML.</summary>
internal static class LibvirtOption
{
    internal static Option<bool> Create() =>
        new("--libvirt") { Description = "Read libvirt's XML of the domain from standard input." };

    /// <summary>Reads the domain from standard input.</summary>
    /// <exception cref="ToolstackException">Standard input is not libvirt's XML of a domain.</exception>
    internal static DomainConfiguration Read()
    {
        using Stream input = Console.OpenStandardInput();
        return LibvirtDomain.Read(input);
    }
}
