using System.ComponentModel;
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
        string said = "", command = string.Join(' ', dryRun);
        string program = ProgramPath.Find(dryRun[0], Environment.GetEnvironmentVariable("PATH") ?? "") ?? throw new ToolstackException($"there is no program '{dryRun[0]}'");
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, dryRun.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            })!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Limit))
            {
                process.Kill();
                throw new ToolstackException($"'{command}' does not end");
            }

            said = output.Result;
            if (process.ExitCode != 0) throw new ToolstackException($"'{command}' ended with status {process.ExitCode}: {LastLine(errors.Result)}");
        }
        catch (Win32Exception exception)
        {
            throw new ToolstackException($"cannot run {program}: {exception.Message}", exception);
        }

        return LibxlConfiguration.Read(Encoding.UTF8.GetBytes(said), $"what '{command}' prints");
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
