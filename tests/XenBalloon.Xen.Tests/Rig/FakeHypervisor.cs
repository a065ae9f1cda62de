using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A hypervisor whose domains the test sets, and which records the calls that change something.</summary>
internal sealed class FakeHypervisor : IHypervisor
{
    private readonly SortedDictionary<int, HypervisorDomain> domains = [];

    public string? CommandLine { get; set; }

    public HypervisorMemory Host { get; set; } = new(KiB.FromMiB(4096), KiB.FromMiB(1024), KiB.Zero);

    /// <summary>The result of setting a maximum or a populate-on-demand target.</summary>
    public int Errno { get; set; }

    /// <summary>What each domain populates on demand; for other domains the hypervisor returns an error.</summary>
    public Dictionary<int, HypervisorPod> Pods { get; } = [];

    /// <summary>How often <see cref="Pod"/> was called.</summary>
    public int PodCalls { get; private set; }

    public List<string> Calls { get; } = [];

    public void Add(HypervisorDomain domain) => domains[domain.Identity.Domid] = domain;

    public void Add(TestDomain domain) => Add(Describe(domain));

    public static HypervisorDomain Describe(TestDomain domain) => new()
    {
        Identity = domain.Identity,
        Kind = DomainKind.Pv,
        HasRun = true,
        Actual = new KiB(domain.TargetKiB),
        MaxMem = new KiB(domain.StaticMaxKiB + 1024),
    };

    public void Remove(int domid) => domains.Remove(domid);

    public HypervisorMemory Memory() => Host;

    public ReadOnlySpan<HypervisorDomain> Domains() => domains.Values.ToArray();

    public HypervisorDomain? Domain(int domid) =>
        domains.TryGetValue(domid, out HypervisorDomain domain) ? domain : null;

    public int SetMaxMem(int domid, KiB maximum) => Record($"maxmem {domid} {maximum.Value}");

    public int SetPodTarget(int domid, KiB target) => Record($"pod {domid} {target.Value}");

    public HypervisorPod? Pod(int domid)
    {
        PodCalls++;
        return Pods.TryGetValue(domid, out HypervisorPod pod) ? pod : null;
    }

    public void Dispose() => Calls.Add("dispose");

    private int Record(string call)
    {
        Calls.Add(call);
        return Errno;
    }
}
