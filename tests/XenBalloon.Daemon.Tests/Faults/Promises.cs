using System.Collections.Immutable;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Loop;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>What the daemon has told its clients, and must keep.</summary>
internal sealed class Promises
{
    private readonly HashSet<long> persistent = [], issued = [];
    private readonly HashSet<(DomainIdentity Domain, string Owner)> holds = [];
    private ImmutableDictionary<DomainKey, DomainSettings> kept = ImmutableDictionary<DomainKey, DomainSettings>.Empty;

    /// <summary>Settings whose request was carried out, without an answer so far.</summary>
    private ImmutableDictionary<DomainKey, DomainSettings>? unanswered;

    /// <summary>Settings that a request keeps: they may be on the disk before its caller gets an answer.</summary>
    internal void Request(DomainSnapshot domain, IReadOnlyDictionary<DomainSetting, long?> changes) =>
        unanswered = new RuntimeSettings { Kept = unanswered ?? kept }
            .With(domain.Identity.Uuid, domain.Name, changes, transient: false).Kept;

    /// <summary>A request was answered. One that was refused has changed nothing.</summary>
    internal void Answer(bool accepted)
    {
        if (accepted) (kept, unanswered) = (unanswered ?? kept, null);
    }

    /// <summary>A reservation was accepted.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="isPersistent">Whether it was promised beyond the daemon's life.</param>
    /// <param name="isSaved">Whether the number is on the disk.</param>
    internal void Reserve(long id, bool isPersistent, bool isSaved)
    {
        if (issued.Contains(id)) throw new FaultFoundException($"the number {id} was given to two reservations");
        if (isPersistent) persistent.Add(id);
        if (isSaved) issued.Add(id);
    }

    /// <summary>A domain is held for a client.</summary>
    internal void Hold(DomainIdentity domain, string owner) => holds.Add((domain, owner));

    /// <summary>A client no longer holds a domain.</summary>
    internal void Release(DomainIdentity domain, string owner) => holds.Remove((domain, owner));

    /// <summary>A client has left.</summary>
    internal void OwnerLeft(string owner) => holds.RemoveWhere(hold => hold.Owner == owner);

    /// <summary>Whether a client holds a domain.</summary>
    internal bool IsHeld(DomainIdentity domain) => holds.Any(hold => hold.Domain == domain);

    /// <summary>The state file was damaged: nothing can be kept, and the daemon begins again.</summary>
    internal void Forget()
    {
        persistent.Clear();
        issued.Clear();
        kept = ImmutableDictionary<DomainKey, DomainSettings>.Empty;
    }

    /// <summary>A daemon has started on what is on the disk. Its clients' holds ended with the last one.</summary>
    internal void CheckStart(HostBalancer balancer)
    {
        holds.Clear();
        if (unanswered is { } maybe && Same(balancer.Settings.Kept, maybe)) kept = maybe;
        unanswered = null;
        CheckSettings(balancer);
    }

    /// <summary>A pass was published.</summary>
    internal void CheckPublication(HostBalancer balancer, Publication publication)
    {
        foreach (Reservation ended in publication.Plan.Ended) persistent.Remove(ended.Id);
        foreach (long id in persistent)
        {
            if (publication.Reservations.Any(reservation => reservation.Id == id)) continue;
            throw new FaultFoundException($"persistent reservation {id} is gone and has not ended");
        }

        if (unanswered is null) CheckSettings(balancer);
    }

    private void CheckSettings(HostBalancer balancer)
    {
        if (Same(balancer.Settings.Kept, kept)) return;
        throw new FaultFoundException(
            $"kept settings are {Describe(balancer.Settings.Kept)}; accepted were {Describe(kept)}");
    }

    private static bool Same(
        ImmutableDictionary<DomainKey, DomainSettings> one, ImmutableDictionary<DomainKey, DomainSettings> other) =>
        one.Count == other.Count
        && one.All(entry => other.TryGetValue(entry.Key, out DomainSettings? settings) && settings == entry.Value);

    private static string Describe(ImmutableDictionary<DomainKey, DomainSettings> settings) =>
        settings.IsEmpty ? "none" : string.Join("; ", settings.Select(entry => $"{entry.Key.Scope}: {entry.Value}"));
}

/// <summary>The daemon has done what it must not do.</summary>
internal sealed class FaultFoundException(string message) : Exception(message);
