using System.CommandLine;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon manage</c> and <c>xenballoon unmanage</c>.</summary>
internal static class ManageCommand
{
    internal const string Name = "manage", Opposite = "unmanage";

    internal const string Notes = """
        With --default, the configuration says whether the domain is balanced.

        Examples:
          xenballoon manage db
          xenballoon manage db --runtime
          xenballoon manage db --default
        """;

    internal const string OppositeNotes = """
        'xenballoon manage DOMAIN --default' leaves it to the configuration again.

        Examples:
          xenballoon unmanage db
          xenballoon unmanage db --runtime
        """;

    private const string Description = "Let the balancer change the memory of a domain.";

    private const string OppositeDescription = "Never change the memory of a domain.";

    internal static Command Create(Terminal terminal)
    {
        var isDefault = new Option<bool>("--default") { Description = "Leave it to the configuration." };
        Command command = ChangeCommand.Create(
            terminal, Name, Description, parsed => Managed(parsed.GetValue(isDefault) ? null : true));
        command.Add(isDefault);
        return command;
    }

    internal static Command CreateOpposite(Terminal terminal) =>
        ChangeCommand.Create(terminal, Opposite, OppositeDescription, _ => Managed(false));

    private static Dictionary<DomainSetting, long?> Managed(bool? managed) =>
        new() { [DomainSetting.Managed] = managed is { } yes ? (yes ? 1 : 0) : null };
}
