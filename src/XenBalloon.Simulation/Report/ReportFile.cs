namespace XenBalloon.Simulation.Report;

/// <summary>
/// The file of the report. The constructor checks that it can be written, and the old content stays until the new
/// report is complete. A pipe or a device cannot be replaced and is written to directly.
/// </summary>
internal sealed class ReportFile : IDisposable
{
    private const string Devices = "/dev/";

    private readonly string path;
    private readonly FileStream? device;

    /// <summary>Checks the file.</summary>
    /// <param name="wanted">The name; a link stands for its target.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    internal ReportFile(string wanted)
    {
        bool isDevice = Path.GetFullPath(wanted).StartsWith(Devices, StringComparison.Ordinal);
        path = !isDevice && new FileInfo(wanted) is { LinkTarget: not null } link
            ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
            : wanted;
        bool isNew = !File.Exists(path);
        FileStream opened = Open(path, isDevice ? FileMode.Open : FileMode.OpenOrCreate);
        if (isDevice || !opened.CanSeek)
        {
            device = opened;
            return;
        }

        opened.Dispose();
        string left = isNew ? path : Beside();
        if (!isNew) Open(left, FileMode.CreateNew).Dispose();
        File.Delete(left);
    }

    /// <summary>Writes the report.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    internal void Write(string page)
    {
        if (device is null)
        {
            Replace(page);
            return;
        }

        if (device.CanSeek && device.Length > 0) device.SetLength(0);
        using var writer = new StreamWriter(device, leaveOpen: true);
        writer.Write(page);
    }

    /// <inheritdoc/>
    public void Dispose() => device?.Dispose();

    private static FileStream Open(string path, FileMode mode) =>
        new(path, mode, FileAccess.Write, FileShare.ReadWrite);

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

    // A short name, so that it fits where the report's name does.
    private string Beside() =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetRandomFileName()}");
}
