using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Running;

/// <summary>Says why nothing is set aside for what is run all the same.</summary>
internal static class Without
{
    internal static void Say(Terminal terminal, string why) => terminal.Error.WriteLine($"xenballoon: no memory is set aside: {Printable.Of(why)}");
}
