using System.Text.Json;
using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Daemon.Logging;

namespace XenBalloon.Daemon.State;

/// <summary>
/// Keeps what a daemon that comes after us must know in one file, written anew as a whole: beside it first, flushed to the disk, then put in its place, so
/// that after a crash at any moment there is the old or the new one.
/// </summary>
/// <param name="directory">Where; null to keep nothing, as on a simulated host.</param>
/// <param name="logger">Told of what cannot be read or written.</param>
internal sealed class StateStore(string? directory, ILogger<StateStore> logger)
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>Far above what thousands of domains take.</summary>
    private const long MostBytes = 64 << 20;

    private readonly string bootId = ReadBootId();
    private RememberedState? written;
    private bool failing;

    private string? Path => directory is null ? null : System.IO.Path.Combine(directory, "state.json");

    /// <summary>What the daemon before us knew. A file that cannot be understood is put aside, for people to look at.</summary>
    internal RememberedState Read()
    {
        if (Path is not { } path || !File.Exists(path)) return RememberedState.Nothing;
        try
        {
            if (new FileInfo(path).Length > MostBytes) throw new FormatException("it is too large");
            StateFile file = JsonSerializer.Deserialize(File.ReadAllBytes(path), StateNames.Default.StateFile) ?? throw new FormatException("it is empty");
            return StateTranslation.FromFile(file, bootId);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or ArgumentException)
        {
            PutAside(path, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.StateUnreadable(path, exception.Message, "settings and reservations begin anew");
        }

        return RememberedState.Nothing;
    }

    /// <summary>Writes what is new, or what could not be written before. Where that fails, memory is balanced all the same.</summary>
    internal void Note(RememberedState state)
    {
        if (Path is not { } path || (written is not null && written.IsAsGoodAs(state))) return;
        try
        {
            Write(path, state);
            if (failing) logger.StateWrittenAgain(path);
            failing = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!failing) logger.StateNotWritten(path, exception.Message);
            failing = true;
        }
    }

    /// <summary>Writes what must be kept.</summary>
    /// <exception cref="ControlRefusedException">It could not be written.</exception>
    internal void Keep(RememberedState state)
    {
        if (Path is not { } path) return;
        try
        {
            Write(path, state);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ControlRefusedException($"it cannot be kept in {path} ({exception.Message}): make room there, or set it until the daemon ends (--runtime)", exception);
        }
    }

    private void Write(string path, RememberedState state)
    {
        Directory.CreateDirectory(directory!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(StateTranslation.ToFile(state, bootId), StateNames.Default.StateFile);
        string beside = path + ".new";
        using (var file = new FileStream(beside, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(text);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        DirectorySync.Flush(directory!);
        written = state;
    }

    private void PutAside(string path, string why)
    {
        string aside = path + ".bad";
        try
        {
            File.Move(path, aside, overwrite: true);
            logger.StateUnreadable(path, why, $"it is now {aside}, and settings and reservations begin anew");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.StateUnreadable(path, why, $"it cannot be put aside ({exception.Message}), and settings and reservations begin anew");
        }
    }

    private static string ReadBootId()
    {
        try
        {
            return File.ReadAllText(BootIdPath).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // without /proc there is no Xen to manage either
        }
    }
}
