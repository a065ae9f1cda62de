using System.Globalization;

namespace XenBalloon.Xen.Checked;

/// <summary>Which Xen.</summary>
internal readonly record struct XenVersion(uint Major, uint Minor)
{
    /// <summary>Reads the running Xen's version.</summary>
    /// <exception cref="XenUnavailableException">There is no running Xen.</exception>
    public static XenVersion Running(string sysHypervisor) =>
        new(Part(Path.Combine(sysHypervisor, "version", "major")), Part(Path.Combine(sysHypervisor, "version", "minor")));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static uint Part(string file)
    {
        try
        {
            return uint.Parse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            throw new XenUnavailableException(
                XenUnavailableCause.NotXen, $"this machine does not run under Xen ({file} cannot be read): boot Xen and run in dom0 with /sys mounted", unreadable);
        }
    }
}
