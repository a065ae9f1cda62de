using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// PVE's autoballoon in charge of the host (pvestatd): every 10 s towards 80 % of the host's memory in use, 100 MiB a guest at most. Without a minimum of
/// its own a guest is not shrunk below what it booted with; a weight of 100 counts as PVE's usual 1000 shares. Starts are not helped.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class ProxmoxPolicy(Scenario scenario) : IMemoryPolicy
{
    private const double HostUse = 0.8;
    private const int SharesForWeight = 10;
    private const long Step = 100 << 20;
    private const long BytesInKiB = 1024;
    private static readonly TimeSpan Cycle = TimeSpan.FromSeconds(10);

    private readonly GuestRoster roster = new(scenario);

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. roster.Look(snapshot).Where(guest => guest.HasBooted && guest.Domain.Lifecycle != DomainLifecycle.Migrating)];
        KiB goal = snapshot.Total.Times(HostUse) - (snapshot.Total - snapshot.Free);
        IReadOnlyDictionary<int, long> sizes = AutoBalloon.Compute(Array.ConvertAll(guests, Guest), goal.Value * BytesInKiB, Step);
        var commands = new PeerCommands();
        foreach (PeerGuest guest in guests)
        {
            if (sizes.TryGetValue(guest.Identity.Domid, out long size)) commands.Resize(guest, new KiB(size / BytesInKiB).FloorToPage());
        }

        return new Turn(commands.ToImmutable(), Cycle);
    }

    private static ProxmoxGuest Guest(PeerGuest guest) => new(
        guest.Identity.Domid,
        guest.Actual.Value * BytesInKiB,
        (guest.Terms.Minimum ?? guest.Terms.BootMemory).Value * BytesInKiB,
        guest.Terms.Maximum.Value * BytesInKiB,
        guest.Terms.Weight * SharesForWeight,
        (guest.Vitals?.Free ?? KiB.Zero).Value * BytesInKiB);
}

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

/// <summary>A virtual machine as PVE's autoballoon sees it. All sizes in bytes, as PVE computes, so that its test vectors hold to the byte.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Balloon">What it has.</param>
/// <param name="Minimum">The least: <c>balloon</c> in its configuration.</param>
/// <param name="Maximum">The most: <c>memory</c> in its configuration.</param>
/// <param name="Shares">Its shares, 1000 where nothing was said.</param>
/// <param name="Free">MemFree, as its virtio balloon reports it; 0 where it does not.</param>
internal sealed record ProxmoxGuest(int Id, long Balloon, long Minimum, long Maximum, long Shares, long Free)
{
    /// <summary>Whether it counts as short of memory: it grows first, and shrinks last.</summary>
    public bool IsPressured => Free == 0 || Free <= Minimum * 0.25 || Balloon < Minimum;
}
