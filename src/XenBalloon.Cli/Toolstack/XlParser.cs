using System.Diagnostics;
using System.Text;
using XenBalloon.Cli.Running;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// Reads xl's configuration files as xl does, by having xl read them: with <c>-n</c> it creates nothing and prints what it understood. No parser of ours could be
/// as sure to agree with the xl of this host.
/// </summary>
internal static class XlParser
{
    /// <summary>It takes some 10 ms; one that hangs must hold nobody up for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Asks xl.</summary>
    /// <param name="dryRun">A command line of xl's that creates nothing.</param>
    /// <exception cref="ToolstackException">Xl does not understand it either, or prints something else.</exception>
    internal static DomainConfiguration Ask(IReadOnlyList<string> dryRun)
    {
        string command = string.Join(' ', dryRun);
        using Process process = Start(dryRun);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            throw new ToolstackException($"'{command}' does not end");
        }

        return process.ExitCode == 0
            ? LibxlConfiguration.Read(Encoding.UTF8.GetBytes(output.Result), $"what '{command}' prints")
            : throw new ToolstackException($"'{command}' ended with status {process.ExitCode}: {LastLine(errors.Result)}");
    }

    private static Process Start(IReadOnlyList<string> dryRun)
    {
        try
        {
            return ChildStart.Start(dryRun, start =>
            {
                (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
                start.StandardOutputEncoding = Encoding.UTF8;
            });
        }
        catch (ChildProgramException exception)
        {
            throw new ToolstackException(exception.Message, exception);
        }
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
