using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary>Creates commands that change settings of a domain, all of them in one call.</summary>
internal static class SettingCommand
{
    /// <param name="terminal">The terminal for its output.</param>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="notes">Remarks and examples; the remark on authorization is added.</param>
    /// <param name="changes">The new values; null returns a setting to the configuration.</param>
    internal static NotedCommand Create(
        Terminal terminal,
        string name,
        string description,
        string notes,
        Func<ParseResult, IReadOnlyDictionary<DomainSetting, long?>> changes)
    {
        Argument<string> domain = DomainArgument.Create();
        var runtime = new Option<bool>("--runtime")
        {
            Description = "Apply until the daemon ends; otherwise the setting is kept for the domain's name.",
        };
        string allNotes = DaemonCommand.Authorized + notes;
        NotedCommand command = DaemonCommand.Create(terminal, name, description, allNotes, call =>
        {
            bool isRuntime = call.Parsed.GetValue(runtime);
            IReadOnlyDictionary<DomainSetting, long?> values = changes(call.Parsed);
            bool removes = values.Values.All(static value => value is null);
            return call.WithDomain(
                domain,
                domid => call.Client.Set(domid, values, isRuntime),
                shown => [.. DomainText.Settings(shown), DomainText.Duration(shown, isRuntime, removes)]);
        });
        command.Add(domain);
        command.Add(runtime);
        return command;
    }
}

/// <summary><c>xenballoon set</c>.</summary>
internal static class SetCommand
{
    private const string Description = "Change settings of a domain.";

    private const string Notes = """
        The settings override the configuration. They hold for every domain of that name, since xl makes a
        new UUID at each start, and are kept over restarts of the daemon and of the host, or with --runtime
        until the daemon ends. Either all of them are changed or none. "default" returns a setting to the
        configuration; with --runtime, to the kept value if there is one.

        Examples:
          xenballoon set web --min 512m --max 2g
          xenballoon set web --weight 200 --runtime
          xenballoon set web --min default --managed yes
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        (DomainSetting Setting, Option<SettingValue> Option)[] options =
            [.. DomainSetting.All.Select(setting => (setting, SettingParser.Option(setting)))];
        NotedCommand command = SettingCommand.Create(terminal, "set", Description, Notes, parsed => options
            .Where(known => parsed.GetValue(known.Option) is not null)
            .ToDictionary(given => given.Setting, given => parsed.GetRequiredValue(given.Option).Number));
        foreach ((_, Option<SettingValue> option) in options) command.Add(option);
        command.Validators.Add(result =>
        {
            if (options.Any(known => result.GetResult(known.Option) is not null)) return;
            string names = string.Join(", ", options.Select(known => known.Option.Name));
            result.AddError($"nothing to set: give at least one of {names}");
        });
        return command;
    }
}

/// <summary><c>xenballoon pin</c> and <c>xenballoon unpin</c>.</summary>
internal static class PinCommand
{
    private const string Description =
        "Give a domain one size, within its range, and do not balance it until it is unpinned.";

    private const string Notes = """
        "default" returns the pin to the configuration, which may pin the domain too. To balance a domain
        again that was pinned by this command or by xl mem-set, use 'xenballoon unpin'.

        Examples:
          xenballoon pin db 2g
          xenballoon pin db 1536m --runtime
          xenballoon pin db default
        """;

    private const string UnpinDescription = "Balance a domain again that was pinned by 'xenballoon pin' or xl mem-set.";

    private const string UnpinNotes = DaemonCommand.Authorized + """
        A pin in the configuration must be removed there. To return the pin to the configuration, use
        'xenballoon pin DOMAIN default'.

        Examples:
          xenballoon unpin db
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        Argument<SettingValue> size =
            SettingParser.Argument(DomainSetting.Pin, "SIZE", "The size, with its unit: 512m, 1.5g.");
        NotedCommand command = SettingCommand.Create(terminal, "pin", Description, Notes, parsed =>
            new Dictionary<DomainSetting, long?> { [DomainSetting.Pin] = parsed.GetRequiredValue(size).Number });
        command.Add(size);
        return command;
    }

    internal static NotedCommand CreateUnpin(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        NotedCommand command = DaemonCommand.Create(terminal, "unpin", UnpinDescription, UnpinNotes, call =>
            call.WithDomain(domain, call.Client.Unpin, DomainText.Settings));
        command.Add(domain);
        return command;
    }
}

/// <summary><c>xenballoon manage</c> and <c>xenballoon unmanage</c>.</summary>
internal static class ManageCommand
{
    private const string Description = "Let the balancer change the memory of a domain.";

    private const string Notes = """
        With --default, the configuration decides whether the domain is balanced.

        Examples:
          xenballoon manage db
          xenballoon manage db --runtime
          xenballoon manage db --default
        """;

    private const string UnmanageDescription = "Never change the memory of a domain.";

    private const string UnmanageNotes = """
        'xenballoon manage DOMAIN --default' returns the setting to the configuration.

        Examples:
          xenballoon unmanage db
          xenballoon unmanage db --runtime
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        var isDefault = new Option<bool>("--default") { Description = "Return the setting to the configuration." };
        NotedCommand command = SettingCommand.Create(
            terminal, "manage", Description, Notes, parsed => Managed(parsed.GetValue(isDefault) ? null : true));
        command.Add(isDefault);
        return command;
    }

    internal static NotedCommand CreateUnmanage(Terminal terminal) =>
        SettingCommand.Create(terminal, "unmanage", UnmanageDescription, UnmanageNotes, static _ => Managed(false));

    private static Dictionary<DomainSetting, long?> Managed(bool? managed) =>
        new() { [DomainSetting.Managed] = managed is { } yes ? (yes ? 1 : 0) : null };
}
