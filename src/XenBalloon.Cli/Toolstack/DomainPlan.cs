using System.Diagnostics;
using System.Text;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Toolstack;

/// <summary>Finds the configuration of the domain that an xl command would start.</summary>
internal static class DomainPlan
{
    /// <summary>The dry run takes about 10 ms; the limit keeps an xl that hangs from blocking the command.</summary>
    private static readonly TimeSpan DryRunLimit = TimeSpan.FromSeconds(60);

    /// <summary>Reads the configuration of the domain that <c>xl create</c> or <c>xl restore</c> would start.</summary>
    /// <exception cref="ToolstackException">The configuration cannot be read; the message says why.</exception>
    internal static DomainConfiguration Read(XlCommandLine line)
    {
        if (line.Operands.Any(IsReadOnce))
        {
            throw new ToolstackException(
                "the domain comes through a pipe, which can be read only once: give --need SIZE");
        }

        if (line.Start == XlStart.Create) return DryRun(line.AsDryRun());
        return line.Operands switch
        {
            [string configuration, _] => DryRun(line.DryRunOf(configuration)),
            [.., string file] => ReadSaved(file),
            _ => throw new ToolstackException("no saved domain given"),
        };
    }

    /// <summary>
    /// Has xl read its configuration file: with <c>-n</c>, xl creates nothing and prints the configuration. Only the xl
    /// of this host knows its own syntax exactly.
    /// </summary>
    /// <param name="command">An xl command that creates nothing.</param>
    /// <exception cref="ToolstackException">xl reports an error, or prints no configuration.</exception>
    internal static DomainConfiguration DryRun(IReadOnlyList<string> command)
    {
        string shown = string.Join(' ', command);
        using Process process = Start(command);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(DryRunLimit))
        {
            process.Kill();
            throw new ToolstackException($"'{shown}' does not end");
        }

        return process.ExitCode == 0
            ? LibxlConfiguration.Read(Encoding.UTF8.GetBytes(output.Result), $"the output of '{shown}'")
            : throw new ToolstackException(
                $"'{shown}' ended with status {process.ExitCode}: {LastLine(errors.Result)}");
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        try
        {
            return ProgramLauncher.Start(command, start =>
            {
                start.RedirectStandardInput = true;
                start.RedirectStandardOutput = true;
                start.RedirectStandardError = true;
                start.StandardOutputEncoding = Encoding.UTF8;
            });
        }
        catch (ProgramException exception)
        {
            throw new ToolstackException(exception.Message, exception);
        }
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];

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

    /// <summary>Whether an operand is a pipe, a device or a directory: reading it would leave nothing for xl.</summary>
    private static bool IsReadOnce(string operand) =>
        operand != XlCommandLine.NoFile && FileStatus.IsSpecial(operand);
}
