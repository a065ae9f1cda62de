using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace XenBalloon.CommandLine;

/// <summary><c>--version</c>, in the form that GNU programs have.</summary>
internal sealed class VersionAction(string program, TextWriter output) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool Terminating => true;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        string? version = typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        output.WriteLine($"{program} {version}");
        return 0;
    }
}
