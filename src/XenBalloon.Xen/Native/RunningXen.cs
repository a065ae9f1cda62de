using System.Globalization;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Native;

/// <summary>The Xen that this machine runs under, as Linux shows it.</summary>
internal static class RunningXen
{
    /// <summary>Reads its version.</summary>
    /// <param name="sysHypervisor">Where Linux shows the running Xen: <c>/sys/hypervisor</c>.</param>
    /// <exception cref="XenUnavailableException">The machine does not run under Xen.</exception>
    public static XenVersion Version(string sysHypervisor) =>
        new(ReadNumber(Path.Combine(sysHypervisor, "version", "major")),
            ReadNumber(Path.Combine(sysHypervisor, "version", "minor")));

    /// <summary>Checks that this is dom0, the control domain.</summary>
    /// <param name="capabilities">Where Linux lists what the domain may do: <c>/proc/xen/capabilities</c>.</param>
    /// <exception cref="XenUnavailableException">It is not.</exception>
    public static void RequireDom0(string capabilities)
    {
        string text;
        try
        {
            text = SmallFile.ReadText(capabilities);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new XenUnavailableException(
                XenUnavailableCause.NotDom0,
                $"cannot tell whether this is dom0: cannot read {capabilities}; "
                + "run 'modprobe xenfs' and 'mount -t xenfs xenfs /proc/xen' as root",
                unreadable);
        }

        if (!text.Contains("control_d", StringComparison.Ordinal))
        {
            throw new XenUnavailableException(
                XenUnavailableCause.NotDom0, $"this is a guest, not dom0: {capabilities} lacks control_d; run in dom0");
        }
    }

    private static uint ReadNumber(string file)
    {
        try
        {
            ReadOnlySpan<char> number = SmallFile.ReadText(file).AsSpan().Trim();
            return uint.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (Exception unreadable) when (
            unreadable is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            throw new XenUnavailableException(
                XenUnavailableCause.NotXen,
                $"this machine does not run under Xen: cannot read {file}; boot Xen and run in dom0 with /sys mounted",
                unreadable);
        }
    }
}

/// <summary>A version of Xen, such as 4.17.</summary>
internal readonly record struct XenVersion(uint Major, uint Minor)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
