namespace XenBalloon.Simulation.Report;

/// <summary>
/// Where a report goes. Whether it can be written there is known from the beginning, and what the file held stays until the new report is complete.
/// What is no file of its own (a pipe, a device) cannot be replaced and is written to.
/// </summary>
internal sealed class ReportFile : IDisposable
{
    private const string Devices = "/dev/";

    private readonly string path;
    private readonly FileStream? irreplaceable;

    /// <summary>Makes sure of the file.</summary>
    /// <param name="wanted">Its name; a link's is its target's.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal ReportFile(string wanted)
    {
        bool isDevice = Path.GetFullPath(wanted).StartsWith(Devices, StringComparison.Ordinal);
        path = !isDevice && new FileInfo(wanted) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : wanted;
        bool isNew = !File.Exists(path);
        FileStream opened = Open(path, isDevice ? FileMode.Open : FileMode.OpenOrCreate);
        if (isDevice || !opened.CanSeek)
        {
            irreplaceable = opened;
            return;
        }

        opened.Dispose();
        string left = isNew ? path : Beside();
        if (!isNew) Open(left, FileMode.CreateNew).Dispose();
        File.Delete(left);
    }

    /// <summary>Writes the report.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may no longer be written.</exception>
    internal void Write(string page)
    {
        if (irreplaceable is null)
        {
            Replace(page);
            return;
        }

        if (irreplaceable.CanSeek && irreplaceable.Length > 0) irreplaceable.SetLength(0);
        using var writer = new StreamWriter(irreplaceable, leaveOpen: true);
        writer.Write(page);
    }

    /// <inheritdoc/>
    public void Dispose() => irreplaceable?.Dispose();

    private static FileStream Open(string path, FileMode mode) => new(path, mode, FileAccess.Write, FileShare.ReadWrite);

    private void Replace(string page)
    {
        string complete = Beside();
        try
        {
            File.WriteAllText(complete, page);
            if (File.Exists(path)) File.SetUnixFileMode(complete, File.GetUnixFileMode(path));
            File.Move(complete, path, overwrite: true);
        }
        catch
        {
            File.Delete(complete);
            throw;
        }
    }

    // A short name, that it fits wherever the report's does.
    private string Beside() => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetRandomFileName()}");
}
