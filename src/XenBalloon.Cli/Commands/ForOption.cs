using System.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>--for</c>, the same for all commands that concern the domain of a reservation.</summary>
internal static class ForOption
{
    internal static Option<string?> Create(string description)
    {
        var domain = new Option<string?>("--for") { Description = description, HelpName = "NAME|UUID" };
        domain.Validators.Add(static result =>
        {
            // An empty name would mean the reservations that are for no domain in particular.
            if (result.Tokens is [{ Value: var name }] && string.IsNullOrWhiteSpace(name))
            {
                result.AddError("invalid --for '': expected the name or UUID of a domain");
            }
        });
        return domain;
    }
}
