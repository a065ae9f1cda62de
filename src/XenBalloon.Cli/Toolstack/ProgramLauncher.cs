using System.ComponentModel;
using System.Diagnostics;
using XenBalloon.CommandLine;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Toolstack;

/// <summary>Finds and starts programs as a shell does.</summary>
internal static class ProgramLauncher
{
    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Finds a program by its path, or by its name in PATH.</summary>
    /// <returns>The program's file.</returns>
    /// <exception cref="ProgramException">The program does not exist or is not executable.</exception>
    internal static string Find(string name)
    {
        bool isPath = name.Contains('/', StringComparison.Ordinal);
        if ((isPath ? FindPath(name) : FindInPath(name)) is { } file) return file;
        string shown = Printable.Of(name);
        throw isPath && File.Exists(name)
            ? new ProgramException(isMissing: false, $"'{shown}' is not executable")
            : new ProgramException(isMissing: true, $"program '{shown}' not found: check its name and PATH");
    }

    /// <summary>Starts a program.</summary>
    /// <param name="command">Its name or path, and its arguments.</param>
    /// <param name="redirect">Sets which of its streams are redirected.</param>
    /// <exception cref="ProgramException">The program cannot be started.</exception>
    internal static Process Start(IReadOnlyList<string> command, Action<ProcessStartInfo> redirect)
    {
        var start = new ProcessStartInfo(Find(command[0]), command.Skip(1));
        redirect(start);

        // The runtime ignores SIGPIPE, and a child inherits ignored signals. With SIGPIPE ignored, xl and the daemon
        // that it leaves behind for each domain would keep writing to a closed pipe.
        Libc.Signal(Libc.SignalBrokenPipe, Libc.SignalDefault);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            string message = $"cannot run {Printable.Of(start.FileName)}: {exception.Message}";
            throw new ProgramException(isMissing: false, message, exception);
        }
        finally
        {
            Libc.Signal(Libc.SignalBrokenPipe, Libc.SignalIgnore);
        }
    }

    /// <summary>The path is not normalized: only the kernel knows what '..' after a symbolic link means.</summary>
    private static string? FindPath(string path) =>
        IsProgram(path) ? Path.Combine(Environment.CurrentDirectory, path) : null;

    /// <summary>
    /// Only absolute directories of PATH count. The runtime would search the directory of this program and the current
    /// directory first, where root should not run a program by accident.
    /// </summary>
    private static string? FindInPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathRooted)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(IsProgram);

    private static bool IsProgram(string file) => File.Exists(file) && (File.GetUnixFileMode(file) & Executable) != 0;
}

/// <summary>A program cannot be run; the message says why.</summary>
internal sealed class ProgramException(bool isMissing, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Whether the program does not exist, rather than exists and cannot be run.</summary>
    internal bool IsMissing { get; } = isMissing;
}
