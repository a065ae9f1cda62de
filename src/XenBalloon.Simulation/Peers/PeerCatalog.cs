using XenBalloon.Simulation.Peers.Esx;
using XenBalloon.Simulation.Peers.HyperV;
using XenBalloon.Simulation.Peers.Mom;
using XenBalloon.Simulation.Peers.Oracle;
using XenBalloon.Simulation.Peers.Proxmox;
using XenBalloon.Simulation.Peers.Qmemman;
using XenBalloon.Simulation.Peers.SelfBalloon;
using XenBalloon.Simulation.Peers.Senpai;
using XenBalloon.Simulation.Peers.Squeezed;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Peers;

/// <summary>
/// The policies that ours is compared with, each held to its own system's source and test vectors. The one that samples what guests touch is an
/// <see cref="ISamplesTouchedMemory"/>.
/// </summary>
public static class PeerCatalog
{
    /// <summary>All of them, the plainest first and the one that knows the future last.</summary>
    public static IReadOnlyList<PolicyEntry> All { get; } =
    [
        new("static", "nothing moves: every guest keeps what it booted with", _ => new StaticPolicy()),
        new("squeezed", "XAPI: everybody at the same part of his range, blind to demand", scenario => new SqueezedPolicy(scenario)),
        new("qmemman", "Qubes: what is used and 30 %, the rest in proportion", scenario => new QmemmanPolicy(scenario)),
        new("proxmox", "Proxmox VE: 80 % of the host in use, by shares, in steps of 100 MiB", scenario => new ProxmoxPolicy(scenario)),
        new("mom", "oVirt: all shrink while the host is short, all grow otherwise", scenario => new MomPolicy(scenario)),
        new("self-balloon", "Linux: each guest sizes itself by what its programs were promised", scenario => new SelfBalloonPolicy(scenario)),
        new("hyper-v", "Hyper-V: what programs were promised and 20 %, by weight when short", scenario => new HyperVPolicy(scenario)),
        new("esx", "VMware ESX: shares with a tax on idle memory, by sampling", scenario => new EsxPolicy(scenario)),
        new("senpai", "Meta: a little less each time until the guest just begins to wait", scenario => new SenpaiPolicy(scenario)),
        new("oracle", "knows the future: the bound that regret is measured against", scenario => new OraclePolicy(scenario)),
    ];
}
