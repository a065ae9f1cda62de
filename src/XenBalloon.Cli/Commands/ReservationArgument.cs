using System.CommandLine;
using System.Globalization;

namespace XenBalloon.Cli.Commands;

/// <summary>RESERVATION, the same for all commands that take one.</summary>
internal static class ReservationArgument
{
    internal static Argument<long> Create() => new("RESERVATION")
    {
        Description = "Its number, as 'xenballoon reservations' shows it.",
        CustomParser = static result =>
        {
            string text = result.Tokens[0].Value;
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long id))
            {
                result.AddError($"invalid reservation '{text}': expected a number from 'xenballoon reservations'");
            }

            return id;
        },
    };
}
