using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// PVE's autoballoon in charge of the host (pvestatd). Every 10 s it moves towards 80 % of the host's memory in use, by
/// at most 100 MiB for each guest. A guest without a configured minimum is not shrunk below its boot memory. A weight
/// of 100 counts as PVE's default of 1000 shares. It does not free memory for starts.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class ProxmoxPolicy(Scenario scenario) : IMemoryPolicy
{
    private const double HostUse = 0.8;
    private const int SharesForWeight = 10;
    private const long Step = 100 << 20;
    private const long BytesInKiB = 1024;
    private static readonly TimeSpan Cycle = TimeSpan.FromSeconds(10);

    private readonly GuestTracker tracker = new(scenario);

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests =
        [
            .. tracker.Update(snapshot)
                .Where(guest => guest.HasBooted && guest.Domain.Lifecycle != DomainLifecycle.Migrating),
        ];
        KiB goal = snapshot.Total.Times(HostUse) - (snapshot.Total - snapshot.Free);
        IReadOnlyDictionary<int, long> sizes =
            AutoBalloon.Compute(Array.ConvertAll(guests, Guest), goal.Value * BytesInKiB, Step);
        var commands = new PeerCommands();
        foreach (PeerGuest guest in guests)
        {
            if (sizes.TryGetValue(guest.Identity.Domid, out long size))
                commands.Resize(guest, new KiB(size / BytesInKiB).FloorToPage());
        }

        return new PolicyDecision(commands.ToImmutable(), Cycle);
    }

    private static ProxmoxGuest Guest(PeerGuest guest) => new(
        guest.Identity.Domid,
        guest.Actual.Value * BytesInKiB,
        (guest.Settings.Minimum ?? guest.Settings.BootMemory).Value * BytesInKiB,
        guest.Settings.Maximum.Value * BytesInKiB,
        guest.Settings.Weight * SharesForWeight,
        (guest.Vitals?.Free ?? KiB.Zero).Value * BytesInKiB);
}

/// <summary>
/// PVE's autoballoon (pve-manager, PVE/AutoBalloon.pm). It divides the host's surplus or shortage by shares above each
/// guest's minimum, and changes no guest by more than one step. Guests under pressure are served first, but get nothing
/// from other guests.
/// </summary>
internal static class AutoBalloon
{
    private const long NotWorthIt = 10 << 20;

    /// <summary>The new sizes of the guests that change, by number.</summary>
    /// <param name="guests">The guests, in the order of processing.</param>
    /// <param name="goal">The bytes by which all guests together should grow; negative to shrink.</param>
    /// <param name="step">The largest change of a guest, in bytes.</param>
    public static IReadOnlyDictionary<int, long> Compute(IReadOnlyList<ProxmoxGuest> guests, long goal, long step)
    {
        var sizes = new Dictionary<int, long>();
        if (Math.Abs(goal) <= NotWorthIt) return sizes;
        long rest = Share([.. guests.Where(guest => guest.IsPressured == goal > 0)], goal, step, sizes);
        bool noProgress = goal > 0 ? rest >= goal : rest <= goal;
        if (noProgress) Share(guests, rest, step, sizes);
        return sizes;
    }

    /// <summary>Divides an amount among some guests; returns the rest.</summary>
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
                long desired = Math.Clamp(
                    guest.Minimum + (long)((double)given / shares * guest.Shares), guest.Minimum, guest.Maximum);
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

    private static long Size(ProxmoxGuest guest, Dictionary<int, long> sizes) =>
        sizes.TryGetValue(guest.Id, out long size) ? size : guest.Balloon;
}

/// <summary>
/// A virtual machine as PVE's autoballoon sees it. Sizes are in bytes, as in PVE, so that its test vectors match
/// exactly.
/// </summary>
/// <param name="Id">The number.</param>
/// <param name="Balloon">The current size.</param>
/// <param name="Minimum">The minimum: <c>balloon</c> in its configuration.</param>
/// <param name="Maximum">The maximum: <c>memory</c> in its configuration.</param>
/// <param name="Shares">The shares, by default 1000.</param>
/// <param name="Free">MemFree as its virtio balloon reports it; 0 if not reported.</param>
internal sealed record ProxmoxGuest(int Id, long Balloon, long Minimum, long Maximum, long Shares, long Free)
{
    /// <summary>Whether it counts as short of memory: it grows first and shrinks last.</summary>
    public bool IsPressured => Free == 0 || Free <= Minimum * 0.25 || Balloon < Minimum;
}
