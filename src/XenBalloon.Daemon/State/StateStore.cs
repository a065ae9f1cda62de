using System.Text.Json;
using Microsoft.Extensions.Logging;
using XenBalloon.Bus;
using XenBalloon.Daemon.Logging;

namespace XenBalloon.Daemon.State;

/// <summary>
/// Keeps what a daemon that comes after us must know in one file. A file that cannot be understood, or not be read, is
/// put aside and never written over.
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
    private bool failing, unread = true;

    private string? Path => directory is null ? null : System.IO.Path.Combine(directory, "state.json");

    /// <summary>What the daemon before us knew; nothing where that cannot be read.</summary>
    internal RememberedState Read()
    {
        if (Path is not { } path || !File.Exists(path)) return RememberedState.Nothing;
        try
        {
            if (new FileInfo(path).Length > MostBytes) throw new FormatException("it is too large");
            StateFile? file = JsonSerializer.Deserialize(File.ReadAllBytes(path), StateJson.Default.StateFile);
            RememberedState read = StateTranslation.FromFile(file ?? throw new FormatException("it is empty"), bootId);
            unread = false;
            return read;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException
            or ArgumentException or IOException or UnauthorizedAccessException)
        {
            PutAside(path, exception.Message);
        }

        return RememberedState.Nothing;
    }

    /// <summary>
    /// Writes what is new, or what could not be written before. Where that fails, memory is balanced all the same.
    /// </summary>
    internal void Note(RememberedState state)
    {
        if (Path is not { } path || (written is not null && written.IsAsGoodAs(state))) return;
        try
        {
            Write(path, state);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!failing) logger.StateNotWritten(path, exception.Message);
            failing = true;
        }
    }

    /// <summary>Writes what must be kept.</summary>
    /// <exception cref="ControlException">It could not be written.</exception>
    internal void Keep(RememberedState state)
    {
        if (Path is not { } path) return;
        try
        {
            Write(path, state);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string remedy = "make room there, or set it until the daemon ends (--runtime)";
            throw new ControlException($"cannot keep it in {path} ({exception.Message}): {remedy}", exception);
        }
    }

    private void Write(string path, RememberedState state)
    {
        // What could be neither read nor put aside is not to be written over, nor what has turned up since: without
        // systemd, /var may be mounted after our start.
        if (unread && File.Exists(path))
        {
            string aside = SpareName.MoveTo(path);
            logger.StateUnreadable(path, "it could not be moved before, or was not there at our start", aside);
        }

        StateWriter.Write(path, StateTranslation.ToFile(state, bootId));
        unread = false;
        written = state;
        if (failing) logger.StateWrittenAgain(path);
        failing = false;
    }

    private void PutAside(string path, string why)
    {
        try
        {
            string aside = SpareName.MoveTo(path);
            logger.StateUnreadable(path, why, aside);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.StateStays(path, why, exception.Message);
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
