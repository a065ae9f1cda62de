using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;

namespace XenBalloon.CommandLine;

/// <summary><c>--help</c>: the library's help, followed by remarks and examples.</summary>
/// <param name="help">The library's help.</param>
/// <param name="output">Where it is written.</param>
/// <param name="notes">The remarks and examples of each command, by its name.</param>
internal sealed class HelpWithNotes(HelpAction help, TextWriter output, IReadOnlyDictionary<string, string> notes)
    : SynchronousCommandLineAction
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

/// <summary><c>--version</c>, in the form of GNU programs.</summary>
internal sealed class VersionAction(string program, TextWriter output) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool Terminating => true;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var attribute = typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        output.WriteLine($"{program} {attribute?.InformationalVersion}");
        return 0;
    }
}

/// <summary><c>--json</c>.</summary>
internal static class JsonOption
{
    internal static Option<bool> Create() =>
        new("--json") { Description = "Write JSON with stable names and sizes in KiB; unknown values are null." };
}
