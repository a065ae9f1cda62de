using System.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary>COMMAND and its arguments, the same for all commands that take one.</summary>
internal static class ProgramArgument
{
    /// <summary>Adds it to a command of ours.</summary>
    internal static Argument<string[]> AddTo(Command command, string description, ArgumentArity arity)
    {
        var words = new Argument<string[]>("COMMAND") { Description = description, Arity = arity };
        command.Add(words);

        // Without dashes before the command, an unknown option is taken for the command.
        command.Validators.Add(result =>
        {
            if (result.GetValue(words) is [['-', ..] first, ..])
            {
                result.AddError($"'{command.Name}' has no option '{first}'; the command comes after two dashes");
            }
        });
        return words;
    }
}
