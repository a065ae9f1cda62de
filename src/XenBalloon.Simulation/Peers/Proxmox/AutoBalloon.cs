namespace XenBalloon.Simulation.Peers.Proxmox;

/// <summary>
/// PVE's autoballoon (pve-manager, PVE/AutoBalloon.pm): splits what the host has to give, or lacks, by shares above each guest's minimum, and moves no
/// guest by more than a step. Who is short of memory is served first; he gets nothing from another guest.
/// </summary>
internal static class AutoBalloon
{
    private const long NotWorthIt = 10 << 20;

    /// <summary>The new sizes of those that change, by number.</summary>
    /// <param name="guests">The guests, in the order in which they are looked at.</param>
    /// <param name="goal">Bytes that all together are to grow by; negative to shrink.</param>
    /// <param name="step">The most bytes by which one is changed.</param>
    public static IReadOnlyDictionary<int, long> Compute(IReadOnlyList<ProxmoxGuest> guests, long goal, long step)
    {
        var sizes = new Dictionary<int, long>();
        if (Math.Abs(goal) <= NotWorthIt) return sizes;
        long rest = Share([.. guests.Where(guest => guest.IsPressured == goal > 0)], goal, step, sizes);
        bool noProgress = goal > 0 ? rest >= goal : rest <= goal;
        if (noProgress) Share(guests, rest, step, sizes);
        return sizes;
    }

    /// <summary>Shares out among some; returns what is left.</summary>
    private static long Share(IReadOnlyList<ProxmoxGuest> guests, long amount, long step, Dictionary<int, long> sizes)
    {
        long rest = amount;
        var done = new HashSet<int>();
        bool again = true;
        while (rest != 0 && again)
        {
            ProxmoxGuest[] open = [.. guests.Where(guest => !done.Contains(guest.Id))];
            long shares = open.Sum(guest => guest.Shares);
            long given = open.Sum(guest => Size(guest, sizes) - guest.Minimum) + rest;
            long before = rest;
            foreach (ProxmoxGuest guest in open)
            {
                long desired = Math.Clamp(guest.Minimum + (long)((double)given / shares * guest.Shares), guest.Minimum, guest.Maximum);
                long most = Math.Clamp(desired, guest.Balloon - step, guest.Balloon + step);
                if (desired > guest.Balloon ? amount < 0 : desired == guest.Balloon)
                {
                    done.Add(guest.Id);
                    continue;
                }

                rest -= most - Size(guest, sizes);
                sizes[guest.Id] = most;
            }

            again = rest != before;
        }

        return rest;
    }

    private static long Size(ProxmoxGuest guest, Dictionary<int, long> sizes) => sizes.TryGetValue(guest.Id, out long size) ? size : guest.Balloon;
}
