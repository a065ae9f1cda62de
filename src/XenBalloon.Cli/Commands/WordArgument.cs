using System.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary>An optional argument that is one of the words of an enumeration.</summary>
internal static class WordArgument
{
    /// <param name="name">What the argument is called: <c>MODE</c>.</param>
    internal static Argument<T?> Create<T>(string name)
        where T : struct, Enum
    {
        string noun = name.ToLowerInvariant();
        var argument = new Argument<T?>(name)
        {
            Description = $"The new {noun}; without it, the {noun} is shown.",
            HelpName = string.Join('|', EnumText.All<T>()),
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = parsed =>
            {
                if (parsed.Tokens is not [{ Value: var word }]) return null;
                T? value = EnumText.Parse<T>(word);
                if (value is null) parsed.AddError($"invalid {noun} '{word}': expected {EnumText.List<T>()}");
                return value;
            },
        };

        // The library would offer the members' names too.
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add([.. EnumText.All<T>()]);
        return argument;
    }
}
