using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Reports to the daemon when an owner of reservations or holds leaves the bus: its holds end, and so do its
/// reservations unless they are persistent. An owner is a unique name and the id of its bus (<c>:1.5@1a2b3c4d</c>),
/// because a restarted bus gives the same names to other clients.
/// </summary>
internal sealed class OwnerWatcher(BusConnection connection, string busId, IControl control)
{
    private const int IdLength = 8;

    private readonly HashSet<string> watched = new(StringComparer.Ordinal);
    private Task<IDisposable>? subscription;

    private string Suffix => "@" + busId[..Math.Min(IdLength, busId.Length)];

    /// <summary>The owner for a client of this bus.</summary>
    internal string OwnerOf(string uniqueName) => uniqueName + Suffix;

    /// <summary>
    /// Watches the owners in a publication and no others. Some may have left while the daemon did not run.
    /// </summary>
    internal void Watch(Publication publication)
    {
        HashSet<string> owners =
        [
            .. publication.Reservations
                .Where(reservation => !reservation.Persistent && reservation.Claim is null)
                .Select(reservation => reservation.Owner),
            .. publication.Holds.Select(hold => hold.Owner),
        ];
        watched.IntersectWith(owners);
        foreach (string owner in owners)
        {
            if (watched.Add(owner)) _ = WatchAsync(owner);
        }

        if (watched.Count == 0) _ = UnsubscribeAsync();
    }

    private async Task WatchAsync(string owner)
    {
        // An owner without a bus id comes from the state file of an older daemon.
        if (owner.Contains('@', StringComparison.Ordinal) && !owner.EndsWith(Suffix, StringComparison.Ordinal))
        {
            ReportLeft(owner);
            return;
        }

        try
        {
            // Subscribes before checking, so that no departure is missed between the two.
            await (subscription ??= connection.WatchDeparturesAsync(OnDeparture));
            if (!await connection.IsPresentAsync(BusNames.NameOfOwner(owner))) ReportLeft(owner);
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            // The next publication, or the next server, tries again.
            watched.Remove(owner);
            if (subscription is { IsFaulted: true }) subscription = null;
        }
    }

    private void OnDeparture(string name)
    {
        ReportLeft(OwnerOf(name));
        ReportLeft(name);
    }

    private void ReportLeft(string owner)
    {
        if (watched.Remove(owner)) control.OwnerLeft(owner);
    }

    private async Task UnsubscribeAsync()
    {
        if (subscription is not { } ended) return;
        subscription = null;
        try
        {
            (await ended).Dispose();
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            // Subscribing failed, or the connection has ended.
        }
    }
}
