using System.Globalization;
using XenBalloon.Xen.Checked;

namespace XenBalloon.Xen.Store;

/// <summary>The leaves of one domain that we read, watch or write. KiB in decimal unless said otherwise.</summary>
internal sealed class DomainPaths
{
    public DomainPaths(int domid)
    {
        string home = string.Create(CultureInfo.InvariantCulture, $"/local/domain/{domid}/");
        Name = new(home + "name");
        Vm = new(home + "vm");
        Target = new(home + "memory/target");
        StaticMax = new(home + "memory/static-max");
        VideoRam = new(home + "memory/videoram");
        InitialReservation = new(home + "memory/initial-reservation");
        DynamicMin = new(home + "memory/dynamic-min");
        DynamicMax = new(home + "memory/dynamic-max");
        BootMemory = new(home + "memory/xenballoon-boot-memory");
        Ask = new(home + "memory/xenballoon-ask");
        AgentRecord = new(home + "data/xenballoon");
        MeminfoTotal = new(home + "data/meminfo_total");
        MeminfoFree = new(home + "data/meminfo_free");
        MeminfoUpdated = new(home + "data/updated");
        QubesMeminfo = new(home + "memory/meminfo");
        DeviceModelDomid = new(home + "image/device-model-domid");
        FirstPassthrough = new(string.Create(CultureInfo.InvariantCulture, $"/local/domain/0/backend/pci/{domid}/0/dev-0"));
    }

    /// <summary>The toolstack's name for it.</summary>
    public StorePath Name { get; }

    /// <summary><c>/vm/&lt;uuid&gt;</c>, from the toolstack.</summary>
    public StorePath Vm { get; }

    /// <summary>What the balloon driver works towards, without video memory; the toolstack's and ours.</summary>
    public StorePath Target { get; }

    /// <summary>The most it can ever have, with video memory; the toolstack's.</summary>
    public StorePath StaticMax { get; }

    /// <summary>libxl's; "-1" for domains that Xen made at boot.</summary>
    public StorePath VideoRam { get; }

    /// <summary>XAPI's note of what it booted with.</summary>
    public StorePath InitialReservation { get; }

    /// <summary>XAPI's.</summary>
    public StorePath DynamicMin { get; }

    /// <summary>XAPI's.</summary>
    public StorePath DynamicMax { get; }

    /// <summary>Our own note of the target before we first changed it, so that a daemon started anew still knows. Goes when the domain goes.</summary>
    public StorePath BootMemory { get; }

    /// <summary>Ours: whenever we write it, our agent in the guest, which may only read it, reports at once.</summary>
    public StorePath Ask { get; }

    /// <summary>Our agent's record; the guest's.</summary>
    public StorePath AgentRecord { get; }

    /// <summary>MemTotal, from XenServer's agents; the guest's.</summary>
    public StorePath MeminfoTotal { get; }

    /// <summary>MemAvailable, from XenServer's agents; the guest's.</summary>
    public StorePath MeminfoFree { get; }

    /// <summary>Written last with each report of XenServer's agents, even where no number has changed; the guest's.</summary>
    public StorePath MeminfoUpdated { get; }

    /// <summary>Memory in use, from Qubes' meminfo-writer; the guest's on Qubes.</summary>
    public StorePath QubesMeminfo { get; }

    /// <summary>The domid of the domain that its device model runs in, libxl's; missing where that is dom0.</summary>
    public StorePath DeviceModelDomid { get; }

    /// <summary>
    /// The first PCI device passed through to it, dom0's own leaf: libxl counts its devices from 0 without gaps (so that it is there while
    /// <c>num_devs</c> beside it is not 0), and XAPI, which leaves <c>num_devs</c> out for HVM, from 0 too.
    /// </summary>
    public StorePath FirstPassthrough { get; }
}
