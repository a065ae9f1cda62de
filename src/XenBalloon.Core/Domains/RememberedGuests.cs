using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// A guest whose target differs from its boot memory. libxl creates a guest again, after a reboot, a save or a
/// migration, with its last target: without this, that would count as its boot memory from then on.
/// </summary>
/// <param name="Uuid">The guest, which keeps its UUID in all of these.</param>
/// <param name="Name">Its name, for readers.</param>
/// <param name="BootMemory">The memory that it was first created with, or that an administrator set.</param>
/// <param name="StaticMax">Its static maximum: with another one, it has a new configuration.</param>
public sealed record RememberedGuest(Guid Uuid, string Name, KiB BootMemory, KiB StaticMax)
{
    /// <summary>Its target when it left; null while it is on this host, or if it left while no daemon ran.</summary>
    public KiB? LeftWith { get; init; }

    /// <summary>
    /// Its target when it began to leave, if less than <see cref="LeftWith"/>: the toolstack may have read its
    /// configuration before the balancer raised the target. Else null.
    /// </summary>
    public KiB? LeavingWith { get; init; }

    /// <summary>When it left, on the snapshot's clock; null while it is on this host.</summary>
    public TimeSpan? LeftAt { get; init; }

    /// <summary>libxl rounds sizes, and counts video memory in and out again.</summary>
    private static readonly KiB Rounding = KiB.FromMiB(1);

    /// <summary>
    /// Whether a domain that appears with this target was created again from it, and not from a new configuration.
    /// </summary>
    internal bool Explains(KiB target, KiB? staticMax) =>
        target < BootMemory
        && staticMax is { } most
        && IsAbout(most, StaticMax)
        && (LeftWith is not { } left || IsWithin(target, LeavingWith ?? left, left));

    private static bool IsAbout(KiB size, KiB other) => IsWithin(size, other, other);

    private static bool IsWithin(KiB size, KiB least, KiB most) => size <= most + Rounding && size >= least - Rounding;
}

/// <summary>The remembered guests: those on this host, and those that left it.</summary>
internal sealed class RememberedGuests
{
    /// <summary>Guests that left longer ago than this, or more than this many, are forgotten.</summary>
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromDays(90);

    private const int MostAbsent = 512;

    private bool isCurrent;

    /// <summary>All of them, by UUID.</summary>
    internal ImmutableDictionary<Guid, RememberedGuest> All { get; set; } =
        ImmutableDictionary<Guid, RememberedGuest>.Empty;

    /// <summary>Sets the boot memory of a domain from its first target.</summary>
    internal void OnFirstTarget(DomainHistory history, DomainSnapshot domain, KiB target)
    {
        RememberedGuest? remembered = All.GetValueOrDefault(domain.Identity.Uuid);
        history.ReturnedSmall = remembered is not null && remembered.Explains(target, domain.StaticMax);
        history.BootMemory = history.ReturnedSmall ? remembered!.BootMemory : target;
    }

    /// <summary>Remembers a domain whose target differs from its boot memory.</summary>
    internal void OnPass(DomainPass domain)
    {
        if (domain.Identity.IsDom0 || domain.Snapshot is not { Target: { } target, StaticMax: { } most }) return;
        DomainHistory history = domain.History;
        if (BootMemory(domain) is not { } boot || (target == boot && history.Remembered is null)) return;
        bool isSame = history.Remembered is { } known
            && (known.BootMemory, known.StaticMax) == (boot, most)
            && known.Name == domain.Snapshot.Name;
        if (isSame) return;
        history.Remembered = new RememberedGuest(domain.Identity.Uuid, domain.Snapshot.Name, boot, most);
        if (All.GetValueOrDefault(domain.Identity.Uuid) != history.Remembered)
        {
            All = All.SetItem(domain.Identity.Uuid, history.Remembered);
        }
    }

    /// <summary>Notes which guests have left since the last pass.</summary>
    internal void OnPassEnded(List<DomainPass> present, List<DomainPass> departed, TimeSpan now)
    {
        if (!isCurrent)
        {
            isCurrent = true;
            NoteAbsent(present, now);
        }

        foreach (DomainPass domain in departed) OnLeft(domain, present, now);
    }

    private void OnLeft(DomainPass domain, List<DomainPass> present, TimeSpan now)
    {
        Guid uuid = domain.Identity.Uuid;
        bool isHere = present.Exists(other => other.Identity.Uuid == uuid); // migrated within this host
        if (isHere || !All.TryGetValue(uuid, out RememberedGuest? remembered)) return;
        All = domain.History.Last is { } last && last.Target < remembered.BootMemory
            ? All.SetItem(uuid, remembered with
            {
                LeftWith = last.Target,
                LeavingWith = domain.History.Leave.TargetBefore is { } before && before < last.Target ? before : null,
                LeftAt = now,
            })
            : All.Remove(uuid);
        ForgetOldest(now);
    }

    /// <summary>Guests that left while no daemon ran.</summary>
    private void NoteAbsent(List<DomainPass> present, TimeSpan now)
    {
        foreach (RememberedGuest guest in All.Values)
        {
            bool isAbsent = guest.LeftAt is null && !present.Exists(domain => domain.Identity.Uuid == guest.Uuid);
            if (isAbsent) All = All.SetItem(guest.Uuid, guest with { LeftAt = now });
        }
    }

    private void ForgetOldest(TimeSpan now)
    {
        IEnumerable<RememberedGuest> absent = All.Values.Where(guest => guest.LeftAt is not null)
            .OrderByDescending(guest => guest.LeftAt);
        All = All.RemoveRange(
            [
                .. from entry in absent.Index()
                   where entry.Index >= MostAbsent || now - entry.Item.LeftAt > LongestAbsence
                   select entry.Item.Uuid,
            ]);
    }

    /// <summary>A target that an administrator set is what the guest shall boot with.</summary>
    private static KiB? BootMemory(DomainPass domain) => domain.History.Override.Value ?? domain.BootMemory;
}
