using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace XenBalloon.CommandLine;

/// <summary><c>--help</c>: what the library writes, and then notes and examples, which would drown a list of commands if they were descriptions.</summary>
internal sealed class HelpWithNotes(HelpAction help, TextWriter output, IReadOnlyDictionary<string, string> notes) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool Terminating => true;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        if (notes.TryGetValue(parseResult.CommandResult.Command.Name, out string? note)) output.WriteLine(note + '\n');
        return 0;
    }
}
