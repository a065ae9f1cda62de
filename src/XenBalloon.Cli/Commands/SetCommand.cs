using System.CommandLine;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon set</c>.</summary>
internal static class SetCommand
{
    internal const string Name = "set";

    internal const string Notes = """
        The settings override the configuration. They are kept for the domain's UUID, over restarts of the
        daemon and of the host, or with --runtime until the daemon ends. Either all of them are changed or
        none. "default" leaves a setting to the configuration; with --runtime, to what is kept, if anything is.

        Examples:
          xenballoon set web --min 512m --max 2g
          xenballoon set web --weight 200 --runtime
          xenballoon set web --min default --managed yes
        """;

    private const string Description = "Change settings of a domain.";

    internal static Command Create(Terminal terminal)
    {
        (DomainSetting Setting, Option<SettingValue> Option)[] options =
            [.. DomainSetting.All.Select(setting => (setting, SettingParser.Option(setting)))];
        Command command = ChangeCommand.Create(terminal, Name, Description, parsed => options
            .Where(one => parsed.GetValue(one.Option) is not null)
            .ToDictionary(one => one.Setting, one => parsed.GetRequiredValue(one.Option).Number));
        foreach ((_, Option<SettingValue> option) in options) command.Add(option);
        command.Validators.Add(result =>
        {
            if (options.Any(one => result.GetResult(one.Option) is not null)) return;
            string names = string.Join(", ", options.Select(one => one.Option.Name));
            result.AddError($"nothing to set: give at least one of {names}");
        });
        return command;
    }
}
