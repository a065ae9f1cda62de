using XenBalloon.Cli.Toolstack;

namespace XenBalloon.Cli.Running;

/// <summary>Finds out what a command of xl's is going to start.</summary>
internal static class StartPlanner
{
    /// <summary>The configuration of the domain that <c>xl create</c> or <c>xl restore</c> starts.</summary>
    /// <exception cref="ToolstackException">That cannot be found out; the message says why.</exception>
    internal static DomainConfiguration Plan(XlCommandLine line)
    {
        if (line.Operands.Any(ReadsOnce))
        {
            throw new ToolstackException("what it starts is in a pipe, which can be read only once: give --need SIZE");
        }

        return line.Start == XlStart.Create ? XlParser.Ask(line.AsDryRun())
            : line.Operands is [string configuration, _] ? XlParser.Ask(line.DryRunOf(configuration))
            : ReadSaved(line.Operands is [.., string file] ? file : throw new ToolstackException("it names no saved domain"));
    }

    /// <summary>Whether something can be read only once, such as a pipe: then nobody may read it before xl.</summary>
    private static bool ReadsOnce(string operand) => operand != XlCommandLine.NoFile && FileKind.IsSpecial(operand);

    private static DomainConfiguration ReadSaved(string file)
    {
        try
        {
            using FileStream saved = File.OpenRead(file);
            return SavedDomain.Read(saved, file, new MemoryStream());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ToolstackException($"cannot read {file}: {exception.Message}", exception);
        }
    }
}
