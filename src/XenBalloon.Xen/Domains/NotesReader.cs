using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Watches;

namespace XenBalloon.Xen.Domains;

/// <summary>Reads what seldom changes, and only now and then: each leaf costs a round trip to xenstored.</summary>
internal sealed class NotesReader(XenStore store, MonotonicClock clock)
{
    /// <summary>How long what seldom changes is believed.</summary>
    internal static readonly TimeSpan NotesLast = TimeSpan.FromSeconds(30);

    /// <summary>Reads a domain's notes if they are missing or old.</summary>
    public void Refresh(TrackedDomain domain)
    {
        if (domain.Notes is not { } old || clock.Now - old.ReadAt >= NotesLast) domain.Notes = Read(domain.Paths);
    }

    private DomainNotes Read(DomainPaths paths) => new(
        clock.Now,
        DecimalText.ToSize(store.Read(paths.VideoRam)) ?? KiB.Zero,
        DecimalText.ToSize(store.Read(paths.InitialReservation)) ?? DecimalText.ToSize(store.Read(paths.BootMemory)),
        DecimalText.ToSize(store.Read(paths.DynamicMin)),
        DecimalText.ToSize(store.Read(paths.DynamicMax)),
        HasPassthrough(paths),
        store.Exists(paths.AgentRecord),
        store.Exists(paths.QubesMeminfo));

    /// <summary>With its device model in a domain of its own, a guest's devices are that domain's for xenstore, and pass through it.</summary>
    private bool HasPassthrough(DomainPaths paths) =>
        store.Exists(paths.FirstPassthrough)
        || (int.TryParse(store.Read(paths.DeviceModelDomid), NumberStyles.None, CultureInfo.InvariantCulture, out int model)
            && model != 0 && store.Exists(new DomainPaths(model).FirstPassthrough));
}
