using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Tells the daemon of owners of reservations that leave the bus: their reservations end with them, unless they are
/// persistent. An owner is a unique name and the bus that it is of (<c>:1.5@1a2b3c4d</c>), since a bus that is started
/// again gives the same names to others.
/// </summary>
internal sealed class OwnerWatch(BusConnection connection, string busId, IControl control)
{
    private const int IdLength = 8;

    private readonly HashSet<string> followed = new(StringComparer.Ordinal);
    private Task<IDisposable>? watch;

    private string Suffix => "@" + busId[..Math.Min(IdLength, busId.Length)];

    /// <summary>The owner that a caller on this bus is.</summary>
    internal string OwnerOf(string uniqueName) => uniqueName + Suffix;

    /// <summary>
    /// Follows the owners of these reservations, and no others. After a restart of the daemon some may have left
    /// unnoticed.
    /// </summary>
    internal void Follow(IEnumerable<Reservation> reservations)
    {
        IEnumerable<Reservation> dependent = reservations.Where(one => !one.Persistent && one.Claim is null);
        HashSet<string> wanted = [.. dependent.Select(one => one.Owner)];
        followed.IntersectWith(wanted);
        foreach (string owner in wanted)
        {
            if (followed.Add(owner)) _ = FollowAsync(owner);
        }

        if (followed.Count == 0) _ = StopAsync();
    }

    private async Task FollowAsync(string owner)
    {
        // An owner without a bus is from the state file of an older daemon.
        if (owner.Contains('@', StringComparison.Ordinal) && !owner.EndsWith(Suffix, StringComparison.Ordinal))
        {
            Leave(owner);
            return;
        }

        try
        {
            // Listens first and looks then: no owner can leave between the two.
            await (watch ??= connection.WatchLeavingAsync(LeaveByName));
            if (!await connection.IsPresentAsync(BusNames.NameOfOwner(owner))) Leave(owner);
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            // Tried again with the next publication, or on the next bus.
            followed.Remove(owner);
            if (watch is { IsFaulted: true }) watch = null;
        }
    }

    private void LeaveByName(string name)
    {
        Leave(OwnerOf(name));
        Leave(name);
    }

    private void Leave(string owner)
    {
        if (followed.Remove(owner)) control.OwnerLeft(owner);
    }

    private async Task StopAsync()
    {
        if (watch is not { } ending) return;
        watch = null;
        try
        {
            (await ending).Dispose();
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            // There is nothing left to end.
        }
    }
}
