using System.Globalization;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Top;

/// <summary>A table for each update, in plain text.</summary>
internal sealed class BatchView(Terminal terminal) : ITopView
{
    /// <inheritdoc/>
    public bool WantsToLeave() => StandardOutput.HasNoReader();

    /// <inheritdoc/>
    public void Show(HostStatus host, bool isUpdate)
    {
        if (!isUpdate) return;
        string time = DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        string head = $"{time} {Printable.Of(host.Host)}: {host.HostTotal}, {host.HostFree} free, mode {host.Mode}, pressure {host.Pressure}, alarm {host.Alarm}";
        LineWriter.Write(terminal, [head, .. DomainTable.Of(host.Domains).Lines(terminal.Width), ""]);
    }
}
