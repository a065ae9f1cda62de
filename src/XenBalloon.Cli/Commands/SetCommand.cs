using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon set</c>.</summary>
internal static class SetCommand
{
    internal const string Name = "set";

    internal const string Notes = """
        What is set goes before the configuration, and is kept for the domain's UUID, over restarts of the
        daemon and of the host. "default" clears a setting: the configuration counts again (with --runtime:
        what was kept, if anything was).

        Examples:
          xenballoon set web --min 512m --max 2g
          xenballoon set web --weight 200 --runtime
          xenballoon set web --min default
        """;

    private const string Description = "Set the range and the weight of a domain. For root only.";

    private const uint MostWeight = 10_000;

    internal static Command Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        var minimum = new Option<KiB?>("--min") { Description = "Never less than this.", HelpName = "SIZE|default", CustomParser = SizeParser.SizeOrDefault };
        var maximum = new Option<KiB?>("--max") { Description = "Never more than this.", HelpName = "SIZE|default", CustomParser = SizeParser.SizeOrDefault };
        var weight = new Option<uint?>("--weight") { Description = "Shares in what there is, 1 to 10000.", HelpName = "N|default", CustomParser = Weight };
        Option<bool> runtime = RuntimeOption.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            bool isTransient = call.Parsed.GetValue(runtime);
            return call.WithDomain(
                domain,
                before =>
                {
                    SetRange(call.Client, before.Domid, call.Parsed.GetValue(minimum), call.Parsed.GetValue(maximum), isTransient);
                    if (call.Parsed.GetValue(weight) is { } shares) call.Client.SetWeight(before.Domid, shares, isTransient);
                },
                SettingLines.Of);
        });
        command.Add(domain);
        command.Add(minimum);
        command.Add(maximum);
        command.Add(weight);
        command.Add(runtime);
        command.Validators.Add(result =>
        {
            if (new Option[] { minimum, maximum, weight }.All(option => result.GetResult(option) is null)) result.AddError("nothing to set: give --min, --max or --weight");
        });
        return command;
    }

    /// <summary>Both ends at once where both are given, for one may not fit with what the other was before.</summary>
    private static void SetRange(BalloonClient daemon, uint domid, KiB? minimum, KiB? maximum, bool runtime)
    {
        if (minimum is not null && maximum is not null) daemon.SetRange(domid, minimum, maximum, runtime);
        else if (minimum is not null) daemon.SetMinimum(domid, minimum, runtime);
        else if (maximum is not null) daemon.SetMaximum(domid, maximum, runtime);
    }

    private static uint? Weight(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text == SizeParser.Default) return 0;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint weight) && weight is >= 1 and <= MostWeight) return weight;
        result.AddError($"'{text}' is no weight, it is 1 to {MostWeight}");
        return null;
    }
}
