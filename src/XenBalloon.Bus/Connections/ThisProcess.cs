using System.Globalization;
using XenBalloon.Posix;

namespace XenBalloon.Bus.Connections;

/// <summary>What we say of ourselves on a bus.</summary>
internal static class ThisProcess
{
    /// <summary>The user's number, which the bus compares with what the kernel says of our socket.</summary>
    internal static string UserId => Libc.EffectiveUserId().ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// The machine's id; zeros where it has none. The library would throw on a file that is empty, as in a fresh image.
    /// </summary>
    internal static string MachineId
    {
        get
        {
            foreach (string path in (string[])["/etc/machine-id", "/var/lib/dbus/machine-id"])
            {
                try
                {
                    if (Guid.TryParseExact(File.ReadAllText(path).Trim(), "N", out Guid id)) return id.ToString("N");
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // A machine need not have one.
                }
            }

            return Guid.Empty.ToString("N");
        }
    }
}
