using System.CommandLine.Parsing;
using System.Globalization;

namespace XenBalloon.Cli.Commands;

/// <summary>Numbers of seconds on the command line.</summary>
internal static class SecondsParser
{
    private const double Most = 1e6;

    /// <summary>A number of seconds, with an error where there is none.</summary>
    internal static double? Seconds(ArgumentResult result, double least)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds >= least && seconds <= Most)
        {
            return seconds;
        }

        result.AddError(string.Create(
            CultureInfo.InvariantCulture, $"invalid number of seconds '{text}': expected {least} to {Most:0}"));
        return null;
    }
}
