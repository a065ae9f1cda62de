using System.Globalization;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Store;

/// <summary>
/// The nodes of one domain that xenballoond reads, watches or writes. Sizes are in KiB, decimal. Written by the
/// toolstack unless it says otherwise. The paths of the watched ones are kept; the others are made when they are used.
/// </summary>
internal sealed class DomainPaths
{
    public DomainPaths(int domid)
    {
        IsDom0 = domid == 0;
        Home = new(string.Create(CultureInfo.InvariantCulture, $"/local/domain/{domid}"));
        Name = At("name");
        Target = At("memory/target");
        StaticMax = At("memory/static-max");
        DynamicMin = At("memory/dynamic-min");
        DynamicMax = At("memory/dynamic-max");
        ShutdownRequest = At("control/shutdown");
        AgentRecord = At("data/xenballoon");
        MeminfoFree = At("data/meminfo_free");
        MeminfoUpdated = At("data/updated");
        QubesMeminfo = At("memory/meminfo");
        FirstPciDevice = new(string.Create(
            CultureInfo.InvariantCulture, $"/local/domain/0/backend/pci/{domid}/0/dev-0"));
    }

    /// <summary>Whether the domain is dom0.</summary>
    public bool IsDom0 { get; }

    /// <summary>The directory of all its nodes but <see cref="FirstPciDevice"/>.</summary>
    public StoreString Home { get; }

    /// <summary>Its name.</summary>
    public StoreString Name { get; }

    /// <summary><c>/vm/&lt;uuid&gt;</c>; see <see cref="VmPath"/>.</summary>
    public StoreString Vm => At("vm");

    /// <summary>
    /// The target of its balloon driver, without video memory. Written by the toolstack and xenballoond.
    /// </summary>
    public StoreString Target { get; }

    /// <summary>The most memory that it can have, with video memory.</summary>
    public StoreString StaticMax { get; }

    /// <summary>Its video memory. Written by libxl; "-1" for domains that Xen created at boot.</summary>
    public StoreString VideoRam => At("memory/videoram");

    /// <summary>The memory that it booted with. Written by XAPI.</summary>
    public StoreString InitialReservation => At("memory/initial-reservation");

    /// <summary>The lower bound of its target. Written by XAPI.</summary>
    public StoreString DynamicMin { get; }

    /// <summary>The upper bound of its target. Written by XAPI.</summary>
    public StoreString DynamicMax { get; }

    /// <summary>
    /// Its target before xenballoond first changed it. Written by xenballoond, so that it still knows after a restart;
    /// removed with the domain.
    /// </summary>
    public StoreString BootMemory => At("memory/xenballoon-boot-memory");

    /// <summary>
    /// Written by xenballoond to request a report: xenballoon-agent, which can read but not write it, watches it.
    /// </summary>
    public StoreString ReportRequest => At("memory/xenballoon-ask");

    /// <summary>
    /// Written by the toolstack to have the guest shut down, reboot or suspend; emptied by the guest when it begins to.
    /// </summary>
    public StoreString ShutdownRequest { get; }

    /// <summary>The record of xenballoon-agent. Written by the guest.</summary>
    public StoreString AgentRecord { get; }

    /// <summary>MemTotal. Written by XenServer's agents in the guest.</summary>
    public StoreString MeminfoTotal => At("data/meminfo_total");

    /// <summary>MemAvailable. Written by XenServer's agents in the guest.</summary>
    public StoreString MeminfoFree { get; }

    /// <summary>
    /// Written last in each report of XenServer's agents in the guest, even when no number has changed.
    /// </summary>
    public StoreString MeminfoUpdated { get; }

    /// <summary>Used memory. Written by Qubes' meminfo-writer in the guest.</summary>
    public StoreString QubesMeminfo { get; }

    /// <summary>
    /// The domid of the domain that runs its device model. Written by libxl; missing where that is dom0.
    /// </summary>
    public StoreString DeviceModelDomid => At("image/device-model-domid");

    /// <summary>
    /// The first PCI device that is passed through to it; a node of dom0. libxl and XAPI number the devices from 0
    /// without gaps. <c>num_devs</c> beside it would not do: XAPI does not write that for HVM domains.
    /// </summary>
    public StoreString FirstPciDevice { get; }

    private StoreString At(string leaf) => new($"{Home}/{leaf}");
}

/// <summary>The value of a domain's <c>vm</c> node, which identifies the domain that the nodes belong to.</summary>
internal static class VmPath
{
    private const string Prefix = "/vm/";
    private const int UuidLength = 36;

    /// <summary>
    /// Whether it contains this UUID: <c>/vm/&lt;uuid&gt;</c>, or <c>/vm/&lt;uuid&gt;-1</c>, as xend counted local
    /// migrations of a domain.
    /// </summary>
    public static bool Matches(ReadOnlySpan<char> value, Guid uuid)
    {
        if (!value.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        ReadOnlySpan<char> rest = value[Prefix.Length..];
        Span<char> expected = stackalloc char[UuidLength];

        // The UUID is formatted, not the value parsed: .NET's parser accepts "+0" as a hexadecimal digit.
        bool matches = uuid.TryFormat(expected, out _) && rest.StartsWith(expected, StringComparison.OrdinalIgnoreCase);
        if (!matches) return false;
        ReadOnlySpan<char> suffix = rest[UuidLength..];
        return suffix.IsEmpty
            || (suffix.Length > 1 && suffix[0] == '-' && !suffix[1..].ContainsAnyExceptInRange('0', '9'));
    }
}
