using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>One domain at one moment, as tests/rig/dom0/sampler.c saw it. Sizes in KiB; null where there was nothing to read.</summary>
internal sealed record Sample(long Milliseconds, long HostFree, int Domid, long Actual, long MaxMem, long? Target, GuestStats? Stats)
{
    /// <summary>What the guest could not give away, by its own latest word: all it holds less what it calls available.</summary>
    public long? Used => Actual - Stats?.AvailableKiB;

    /// <summary>Null for a line cut short, as the last one may be while the sampler writes.</summary>
    public static Sample? Parse(string line)
    {
        var fields = line.Split(' ', 7);
        if (fields.Length < 7)
            return null;
        return new Sample(
            Number(fields[0]) ?? 0, Number(fields[1]) ?? 0, (int)(Number(fields[2]) ?? 0), Number(fields[3]) ?? 0, Number(fields[4]) ?? 0,
            Number(fields[5]), GuestStats.Parse(fields[6]));
    }

    private static long? Number(string field) =>
        long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
