using System.ComponentModel;
using System.Diagnostics;
using XenBalloon.CommandLine;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Running;

/// <summary>Starts programs as a shell does.</summary>
internal static class ChildStart
{
    /// <summary>Finds a program.</summary>
    /// <exception cref="ChildProgramException">There is none, or it may not be run.</exception>
    internal static string Find(string name) => ProgramPath.Find(name, Environment.GetEnvironmentVariable("PATH") ?? "") ?? throw (
        name.Contains('/', StringComparison.Ordinal) && File.Exists(name)
            ? new ChildProgramException(ExitCode.NotExecutable, $"'{Printable.Of(name)}' is not executable")
            : new ChildProgramException(ExitCode.NotFound, $"there is no program '{Printable.Of(name)}': check its name, and PATH"));

    /// <summary>Starts one.</summary>
    /// <param name="command">Its name or path, and its arguments.</param>
    /// <param name="set">Sets what goes where.</param>
    /// <exception cref="ChildProgramException">It cannot be started.</exception>
    internal static Process Start(IReadOnlyList<string> command, Action<ProcessStartInfo> set)
    {
        var start = new ProcessStartInfo(Find(command[0]), command.Skip(1));
        set(start);

        // The runtime ignores this signal, and what is ignored stays so in a child: xl, and its daemon that lives as long as a domain, would write on to nobody.
        Libc.Signal(Libc.SignalBrokenPipe, Libc.SignalDefault);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new ChildProgramException(ExitCode.NotExecutable, $"cannot run {Printable.Of(start.FileName)}: {exception.Message}", exception);
        }
        finally
        {
            Libc.Signal(Libc.SignalBrokenPipe, Libc.SignalIgnore);
        }
    }
}
