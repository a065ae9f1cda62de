using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Top;

/// <summary>The host's memory as a bar: what the hypervisor and each domain hold, what is free, and a mark where the slack begins.</summary>
internal static class HostBar
{
    internal static void Draw(StyledLine line, HostStatus host, int cells, Glyphs glyphs)
    {
        if (cells <= 0 || host.HostTotal <= KiB.Zero) return;
        KiB held = host.Domains.Aggregate(KiB.Zero, (sum, domain) => sum + domain.Actual);
        KiB hypervisor = KiB.Max(KiB.Zero, host.HostTotal - host.HostFree - held);
        int slackAt = (int)Position(host.HostTotal - host.Slack);
        KiB upTo = hypervisor;
        int drawn = 0;
        Fill(upTo, glyphs.Idle, Palette.Faint);
        foreach (DomainStatus domain in host.Domains) Fill(upTo += domain.Actual, glyphs.InUse, Palette.OfDomain(domain.Domid));
        Fill(host.HostTotal, glyphs.NotHeld, Palette.Faint);

        long Position(KiB size) => Math.Clamp((size.Value * cells) + (host.HostTotal.Value / 2), 0, host.HostTotal.Value * cells) / host.HostTotal.Value;

        void Fill(KiB end, char glyph, Spectre.Console.Style style)
        {
            for (int until = (int)Position(end); drawn < until; drawn++)
            {
                bool isMark = drawn == slackAt;
                line.Add((isMark ? glyphs.Target : glyph).ToString(), isMark ? Palette.Mark : style);
            }
        }
    }
}
