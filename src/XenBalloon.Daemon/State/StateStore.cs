using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using XenBalloon.Bus;
using XenBalloon.Daemon.Logging;
using XenBalloon.Posix;

namespace XenBalloon.Daemon.State;

/// <summary>
/// Reads and writes the state file. A file that cannot be read is renamed to a backup name and never overwritten.
/// </summary>
/// <param name="directory">The directory of the file; null to keep nothing.</param>
/// <param name="logger">Logs what cannot be read or written.</param>
internal sealed class StateStore(string? directory, ILogger<StateStore> logger)
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>Far more than thousands of domains need.</summary>
    private const int MaxBytes = 64 << 20;

    /// <summary>Bounds the disk space that backups take: the last one is overwritten.</summary>
    private const int MaxBackups = 9;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string bootId = ReadBootId();
    private SavedState? written;
    private bool failing, unread = true;

    private string? FilePath => directory is null ? null : Path.Combine(directory, "state.json");

    /// <summary>The saved state; empty if there is none or it cannot be read.</summary>
    internal SavedState Read()
    {
        if (FilePath is not { } path || !File.Exists(path)) return SavedState.Empty;
        try
        {
            SavedState read = Load(path);
            unread = false;
            return read;
        }
        catch (Exception exception) when (IsFault(exception))
        {
            BackUp(path, exception.Message);
        }

        return SavedState.Empty;
    }

    /// <summary>Why the file cannot be read; null if it can, or if there is none. Changes nothing.</summary>
    internal string? FindFault()
    {
        if (FilePath is not { } path || !File.Exists(path)) return null;
        try
        {
            Load(path);
            return null;
        }
        catch (Exception exception) when (IsFault(exception))
        {
            return exception.Message;
        }
    }

    /// <summary>
    /// Saves a state whose content is new, or that could not be saved before. A failure is logged: balancing continues.
    /// </summary>
    internal void SaveIfChanged(SavedState state)
    {
        if (FilePath is not { } path || (written is not null && written.HasSameContent(state))) return;
        try
        {
            Write(path, state);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!failing) logger.StateNotSaved(path, exception.Message);
            failing = true;
        }
    }

    /// <summary>Saves a state that an administrator asked to keep.</summary>
    /// <param name="state">The state.</param>
    /// <param name="otherwise">What the administrator can do instead of freeing disk space.</param>
    /// <exception cref="ControlException">It cannot be saved.</exception>
    internal void Save(SavedState state, string otherwise)
    {
        if (FilePath is not { } path) return;
        try
        {
            Write(path, state);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string message = $"cannot keep it in {path} ({exception.Message}): free disk space there, or {otherwise}";
            throw new ControlException(message, exception);
        }
    }

    private SavedState Load(string path)
    {
        StateFile? file = JsonSerializer.Deserialize(SmallFile.Read(path, MaxBytes), StateJson.Default.StateFile);
        return StateConversion.FromFile(file ?? throw new FormatException("it is empty"), bootId);
    }

    private static bool IsFault(Exception exception) => exception is JsonException or FormatException
        or OverflowException or ArgumentException or IOException or UnauthorizedAccessException;

    private void Write(string path, SavedState state)
    {
        // Without systemd, /var may be mounted after the daemon started: a file that was not read is not overwritten.
        if (unread && File.Exists(path))
        {
            string backup = MoveToBackup(path);
            logger.StateUnreadable(path, "it could not be renamed before, or appeared after the start", backup);
        }

        written = null; // an error may come after the file has its name
        WriteFile(path, StateConversion.ToFile(state, bootId));
        unread = false;
        written = state;
        if (failing) logger.StateSavedAgain(path);
        failing = false;
    }

    /// <summary>
    /// Writes a temporary file, flushes it to the disk and renames it: a crash leaves the old file or the new one.
    /// </summary>
    /// <exception cref="IOException">
    /// It cannot be written, and the old file is unchanged; or it is not known whether the new one is on the disk.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    private static void WriteFile(string path, StateFile state)
    {
        string parent = Path.GetDirectoryName(Path.GetFullPath(path))!;
        CreateDirectory(parent);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.StateFile);
        string temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(text);
            file.Flush();
            FlushToDisk(file.SafeFileHandle, temporary);
        }

        File.Move(temporary, path, overwrite: true);
        FlushDirectory(parent);
    }

    /// <summary>systemd creates the directory (StateDirectory=); other service managers do not.</summary>
    private static void CreateDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(path) is { } parent) FlushDirectory(parent);
    }

    /// <summary>Without this, a power failure may lose the new name of a file.</summary>
    private static void FlushDirectory(string path)
    {
        using SafeFileHandle handle = Libc.OpenHandle(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        FlushToDisk(handle, path);
    }

    /// <summary>.NET's own method ignores some errors of fsync(2).</summary>
    private static void FlushToDisk(SafeFileHandle handle, string path)
    {
        if (handle.IsInvalid || Libc.Sync(handle) != 0)
        {
            throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private void BackUp(string path, string error)
    {
        try
        {
            string backup = MoveToBackup(path);
            logger.StateUnreadable(path, error, backup);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.StateNotBackedUp(path, error, exception.Message);
        }
    }

    /// <summary>Renames the file to the first free of state.json.bad, state.json.bad.2 and so on.</summary>
    private static string MoveToBackup(string path)
    {
        string backup = Enumerable.Range(1, MaxBackups).Select(number => BackupName(path, number))
            .FirstOrDefault(name => !Path.Exists(name)) ?? BackupName(path, MaxBackups);
        File.Move(path, backup, overwrite: true);
        return backup;
    }

    private static string BackupName(string path, int number) =>
        number == 1 ? $"{path}.bad" : string.Create(CultureInfo.InvariantCulture, $"{path}.bad.{number}");

    private static string ReadBootId()
    {
        try
        {
            return SmallFile.ReadText(BootIdPath).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // without /proc, Xen cannot be managed either
        }
    }
}
