using System.CommandLine.Parsing;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Commands;

/// <summary>Sizes on the command line: never a bare number, never nothing.</summary>
internal static class SizeParser
{
    /// <summary>A size, with an error where there is none.</summary>
    internal static KiB? Size(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!SizeText.TryParse(text, out KiB size, out string? error)) result.AddError(error);
        else if (size <= KiB.Zero) result.AddError($"'{text}' is less than 1 KiB: write a size such as 512m or 1.5g");
        else return size;
        return null;
    }
}
