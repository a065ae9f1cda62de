using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A hypervisor whose domains the test sets, and which remembers what it was told to do.</summary>
internal sealed class FakeHypervisor : IHypervisor
{
    private readonly SortedDictionary<int, HypervisorDomain> domains = [];

    public HypervisorMemory Host { get; set; } = new(KiB.FromMiB(4096), KiB.FromMiB(1024), KiB.Zero);

    /// <summary>What setting a cap or a populate-on-demand target answers.</summary>
    public int Errno { get; set; }

    /// <summary>What each domain populates on demand; unless set, the hypervisor does not say.</summary>
    public Dictionary<int, HypervisorPod> Pods { get; } = [];

    /// <summary>How often it was asked for that.</summary>
    public int PodQuestions { get; private set; }

    public List<string> Calls { get; } = [];

    public void Add(HypervisorDomain domain) => domains[domain.Identity.Domid] = domain;

    public void Add(TestDomain domain) => Add(Describe(domain));

    public static HypervisorDomain Describe(TestDomain domain) => new()
    {
        Identity = domain.Identity,
        Kind = DomainKind.Pv,
        Actual = new KiB(domain.TargetKiB),
        MaxMem = new KiB(domain.StaticMaxKiB + 1024),
    };

    public void Remove(int domid) => domains.Remove(domid);

    public HypervisorMemory Memory() => Host;

    public IReadOnlyList<HypervisorDomain> Domains() => [.. domains.Values];

    public HypervisorDomain? Domain(int domid) => domains.TryGetValue(domid, out HypervisorDomain domain) ? domain : null;

    public int SetMaxMem(int domid, KiB cap) => Called($"maxmem {domid} {cap.Value}");

    public int SetPodTarget(int domid, KiB target) => Called($"pod {domid} {target.Value}");

    public HypervisorPod? Pod(int domid)
    {
        PodQuestions++;
        return Pods.TryGetValue(domid, out HypervisorPod pod) ? pod : null;
    }

    public string? CommandLine() => "dom0_mem=512M";

    public void Dispose() => Calls.Add("dispose");

    private int Called(string call)
    {
        Calls.Add(call);
        return Errno;
    }
}
