using System.Globalization;
using System.Runtime.InteropServices;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Top;

/// <summary>How <c>top</c> shows the host.</summary>
internal interface ITopView
{
    /// <summary>Whether the user has quit.</summary>
    bool HasQuit();

    /// <summary>Whether a key was pressed that changes the view.</summary>
    bool IsStale();

    /// <summary>Shows the host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="isUpdate">Whether an update is due, rather than something has changed.</param>
    void Show(HostStatus host, bool isUpdate);
}

/// <summary>Writes a table for each update, as plain text.</summary>
internal sealed class BatchView(Terminal terminal) : ITopView
{
    /// <inheritdoc/>
    public bool HasQuit() => StandardOutput.HasNoReader();

    /// <inheritdoc/>
    public bool IsStale() => false;

    /// <inheritdoc/>
    public void Show(HostStatus host, bool isUpdate)
    {
        if (!isUpdate) return;
        string time = DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        string head =
            $"{time} {Printable.Of(host.Host)}: {host.HostTotal}, {host.HostFree} free, mode {host.Mode}, "
            + $"pressure {host.Pressure}, alarm {host.Alarm}";
        LineWriter.Write(terminal, [head, .. DomainTable.Of(host.Domains).Lines(terminal.Width), ""]);
    }
}

/// <summary>
/// Whether standard output is a pipe that has lost its reader. The runtime ignores SIGPIPE and Console ignores EPIPE,
/// so <c>top -b | head</c> would not end otherwise.
/// </summary>
internal static class StandardOutput
{
    internal static unsafe bool HasNoReader()
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = 1 };
        return Libc.Poll(&descriptor, new CULong(1), 0) > 0 && (descriptor.Returned & Libc.PollError) != 0;
    }
}
