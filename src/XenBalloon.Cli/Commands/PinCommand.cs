using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon pin</c> and <c>xenballoon unpin</c>.</summary>
internal static class PinCommand
{
    internal const string Name = "pin", Opposite = "unpin";

    internal const string Notes = """
        "default" leaves the pin to the configuration, which may pin the domain too. To have a domain
        balanced that was pinned by this command or by xl mem-set, use 'xenballoon unpin'.

        Examples:
          xenballoon pin db 2g
          xenballoon pin db 1536m --runtime
          xenballoon pin db default
        """;

    internal const string OppositeNotes = """
        The domain is balanced again, whether it was pinned by this command or by xl mem-set. A pin in the
        configuration must be removed there. To leave the pin to the configuration, use 'xenballoon pin
        DOMAIN default'.

        Examples:
          xenballoon unpin db
        """;

    private const string Description =
        "Give a domain one size, within its range, and do not balance it until it is unpinned.";

    private const string OppositeDescription =
        $"Balance a domain again that was pinned, here or by xl mem-set. {DaemonCommand.Authorized}";

    internal static Command Create(Terminal terminal)
    {
        Argument<SettingValue> size =
            SettingParser.Argument(DomainSetting.Pin, "SIZE", "The size, with its unit: 512m, 1.5g.");
        Command command = ChangeCommand.Create(terminal, Name, Description, parsed =>
            new Dictionary<DomainSetting, long?> { [DomainSetting.Pin] = parsed.GetRequiredValue(size).Number });
        command.Add(size);
        return command;
    }

    internal static Command CreateOpposite(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        Command command = DaemonCommand.Create(terminal, Opposite, OppositeDescription, call =>
            call.WithDomain(domain, call.Client.Unpin, DomainText.Settings));
        command.Add(domain);
        return command;
    }
}
