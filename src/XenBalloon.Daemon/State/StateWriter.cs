using System.Text.Json;

namespace XenBalloon.Daemon.State;

/// <summary>
/// Writes the file anew as a whole: beside it first, flushed to the disk, then put in its place, so that after a crash at any moment there is the old or the new
/// one. Makes the directory where there is none: only systemd does that for us.
/// </summary>
internal static class StateWriter
{
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It cannot be written; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal static void Write(string path, StateFile state)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        MakeDirectory(directory);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(state, StateNames.Default.StateFile);
        string beside = path + ".new";
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = ForOwner }))
        {
            file.Write(text);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        DirectorySync.Flush(directory);
    }

    private static void MakeDirectory(string directory)
    {
        if (Directory.Exists(directory)) return;
        Directory.CreateDirectory(directory, ForOwner | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(directory) is { } parent) DirectorySync.Flush(parent);
    }
}
