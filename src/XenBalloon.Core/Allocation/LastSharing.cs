using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// The result of the last sharing, which holds again while nothing that it rests on has changed: no domain was read,
/// and the memory is the same.
/// </summary>
internal sealed class LastSharing
{
    private Entry[] entries = [];
    private int count = -1;
    private (KiB Capacity, KiB KeepFree) memory;
    private BalancerSettings? settings;

    /// <summary>Whether all lower bounds together exceeded the memory.</summary>
    internal bool MinimumsExceedHost { get; private set; }

    /// <summary>Gives each domain what it got the last time, if that holds again.</summary>
    /// <param name="domains">The participants, as they were read.</param>
    /// <param name="capacity">The memory for all of them.</param>
    /// <param name="host">The input of the pass.</param>
    /// <returns>False if the memory must be shared.</returns>
    internal bool TryRepeat(ReadOnlySpan<DomainPass> domains, KiB capacity, in HostPass host)
    {
        bool isSame = count == domains.Length
            && memory == (capacity, host.KeepFree)
            && ReferenceEquals(settings, host.Settings);
        for (int i = 0; i < domains.Length && isSame; i++)
        {
            isSame = entries[i].Domain == domains[i] && entries[i].Readings == domains[i].Readings;
        }

        if (!isSame) return false;
        for (int i = 0; i < count; i++)
        {
            ref readonly Entry entry = ref entries[i];
            (entry.Domain.Lower, entry.Domain.Upper, entry.Domain.Share) = (entry.Lower, entry.Upper, entry.Share);
        }

        return true;
    }

    /// <summary>Records a sharing.</summary>
    internal void Record(
        ReadOnlySpan<DomainPass> domains, KiB capacity, in HostPass host, bool minimumsExceedHost)
    {
        if (entries.Length < domains.Length) entries = new Entry[domains.Length * 2];
        for (int i = 0; i < domains.Length; i++)
        {
            DomainPass domain = domains[i];
            entries[i] = new Entry(domain, domain.Readings, domain.Lower, domain.Upper, domain.Share);
        }

        (count, memory, settings) = (domains.Length, (capacity, host.KeepFree), host.Settings);
        MinimumsExceedHost = minimumsExceedHost;
    }

    /// <summary>What sharing decided of a domain; it changes the bounds too.</summary>
    private readonly record struct Entry(
        DomainPass Domain, int Readings, KiB Lower, KiB Upper, DomainShare Share);
}
