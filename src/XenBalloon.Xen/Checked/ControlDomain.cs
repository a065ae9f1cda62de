namespace XenBalloon.Xen.Checked;

/// <summary>Whether we are where domains are controlled from.</summary>
internal static class ControlDomain
{
    /// <summary>Makes sure of it.</summary>
    /// <exception cref="XenUnavailableException">We are not.</exception>
    public static void Require(string capabilities)
    {
        string text;
        try
        {
            text = File.ReadAllText(capabilities);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new XenUnavailableException(
                XenUnavailableCause.NotDom0,
                $"cannot tell whether this is dom0 ({capabilities} cannot be read): load the module xenfs and mount it (mount -t xenfs xenfs /proc/xen)",
                unreadable);
        }

        if (!text.Contains("control_d", StringComparison.Ordinal))
            throw new XenUnavailableException(XenUnavailableCause.NotDom0, $"this is a guest, not dom0 ({capabilities} lacks control_d): run in dom0");
    }
}
