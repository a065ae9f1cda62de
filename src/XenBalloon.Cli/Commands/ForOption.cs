using System.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>--for</c>, the same for all commands that have to do with the domain of a reservation.</summary>
internal static class ForOption
{
    internal static Option<string?> Create(string description)
    {
        var domain = new Option<string?>("--for") { Description = description, HelpName = "NAME|UUID" };
        domain.Validators.Add(static result =>
        {
            // An empty name is that of all reservations for nobody in particular.
            if (result.Tokens.Count == 0 || string.IsNullOrWhiteSpace(result.Tokens[0].Value)) result.AddError("'' is no domain's name: say which domain is meant");
        });
        return domain;
    }
}
