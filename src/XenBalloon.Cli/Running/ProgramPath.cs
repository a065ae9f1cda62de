namespace XenBalloon.Cli.Running;

/// <summary>
/// Finds a program as shells do: in PATH, or where it says that it is. The runtime would look beside this program and in the current directory first, where
/// root should not run anything by accident.
/// </summary>
internal static class ProgramPath
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The file that is meant; null where there is none that can be run.</summary>
    /// <param name="name">A path, or a name without a slash.</param>
    /// <param name="path">Directories with colons between them, as in PATH.</param>
    internal static string? Find(string name, string path)
    {
        // Not made shorter: what '..' means after a symbolic link is the kernel's to say.
        if (name.Contains('/', StringComparison.Ordinal)) return IsProgram(name) ? Path.Combine(Environment.CurrentDirectory, name) : null;
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted).Select(directory => Path.Combine(directory, name)).FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string file) => File.Exists(file) && (File.GetUnixFileMode(file) & Executable) != 0;
}
