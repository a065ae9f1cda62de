using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class ShimTests
{
    private static readonly XenVersion FakeVersion = new(9, 9);

    private string directory = null!;

    [SetUp]
    public void CreateDirectory() => directory = Directory.CreateTempSubdirectory("shim-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(directory, recursive: true);

    [Test]
    public void Real_shim_loads_and_its_structures_match()
    {
        Shim.BuildReal(directory);

        Assert.That(() => HypervisorShim.Load(RealVersion(), [directory]), Throws.Nothing);
    }

    [Test]
    public void Real_shim_without_a_hypervisor_is_reported_with_its_error()
    {
        Shim.BuildReal(directory);
        HypervisorShim shim = HypervisorShim.Load(RealVersion(), [directory]);

        XenUnavailableException error = Refusal(() => HypervisorConnection.Open(shim).Dispose());

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.NoHypervisor));
        Assert.That(error.Message, Does.Contain("errno").And.Contain("privcmd"));
    }

    [Test]
    public void Shim_for_another_Xen_is_refused()
    {
        File.Move(Shim.BuildReal(directory), Path.Combine(directory, "libxenballoon-hv-9.9.so"));

        XenUnavailableException error = Refusal(() => HypervisorShim.Load(FakeVersion, [directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.ShimMismatch));
        Assert.That(error.Message, Does.Contain($"built for Xen {Shim.Version}"));
    }

    [TestCase("-DFAKE_ABI=1", "ABI 1")]
    [TestCase("-DFAKE_GROWN_DOMAIN=8", "bytes")]
    [TestCase("-DFAKE_GROWN_POD=8", "bytes")]
    public void Shim_of_another_build_is_refused(string definition, string reason)
    {
        Shim.BuildFake(directory, definition);

        XenUnavailableException error = Refusal(() => HypervisorShim.Load(FakeVersion, [directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.ShimMismatch));
        Assert.That(error.Message, Does.Contain(reason));
    }

    [Test]
    public void File_that_is_not_a_library_is_refused()
    {
        string file = Path.Combine(directory, "libxenballoon-hv-9.9.so");
        File.WriteAllText(file, "no library");

        XenUnavailableException error = Refusal(() => HypervisorShim.Load(FakeVersion, [directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.NoShim));
        Assert.That(error.Message, Does.StartWith($"cannot load {file}: ").And.Not.Contain("\n"));
        Assert.That(error.Message, Does.Contain("apt-get install libxenmisc9.9"));
    }

    [Test]
    public void First_directory_with_a_shim_is_used()
    {
        Shim.BuildFake(directory);

        string[] directories = [Path.Combine(directory, "none"), directory];
        Assert.That(() => HypervisorShim.Load(FakeVersion, directories), Throws.Nothing);
    }

    [Test]
    public void Every_field_is_read_from_its_place()
    {
        Shim.BuildFake(directory);
        using HypervisorConnection hypervisor =
            HypervisorConnection.Open(HypervisorShim.Load(FakeVersion, [directory]));

        HypervisorMemory memory = new(new KiB(4_000_000), new KiB(3_000_000), new KiB(200_000));
        Assert.That(hypervisor.Memory(), Is.EqualTo(memory));
        IReadOnlyList<HypervisorDomain> domains = hypervisor.Domains();
        IEnumerable<int> domids = domains.Select(domain => domain.Identity.Domid);
        Assert.That(domids, Is.EqualTo(Enumerable.Range(0, 600)), "in batches, each domain once");
        Assert.That(domains[0].MaxMem, Is.GreaterThan(KiB.FromMiB(1L << 40)), "no limit is large, and not an overflow");
        Assert.That(domains[300], Is.EqualTo(hypervisor.Domain(300)));

        // 0x115 = 277: flags 21 are dying, shutdown, blocked; reason 2.
        Assert.That(domains[0x115], Is.EqualTo(new HypervisorDomain
        {
            Identity = new DomainIdentity(0x115, Guid.Parse("00010203-0405-0607-0809-0a0b0c0d0115")),
            Kind = DomainKind.Pv,
            Dying = true,
            Paused = false,
            ShutdownReason = 0x115 % 5,
            Actual = new KiB(0x115 * 1000),
            Outstanding = new KiB(0x115),
            MaxMem = new KiB(0x115 * 2000),
        }));
        HypervisorDomain hvm = domains[64 + 2 + 8];
        Assert.That((hvm.Kind, hvm.Paused, hvm.Dying), Is.EqualTo((DomainKind.Hvm, true, false)));
        Assert.That(hvm.ShutdownReason, Is.Null);
        Assert.That(hypervisor.Domain(600), Is.Null);
        Assert.That(hypervisor.SetMaxMem(5, new KiB(12_345_678)), Is.Zero);
        Assert.That(hypervisor.SetMaxMem(5, new KiB(1)), Is.EqualTo(Errno.NotPermitted));
        Assert.That(hypervisor.SetPodTarget(6, new KiB(87_654_321)), Is.Zero);
        Assert.That(hypervisor.SetPodTarget(6, new KiB(1)), Is.EqualTo(Errno.NoSuchProcess));
        HypervisorPod pod = new(Cache: new KiB(198_656), Entries: new KiB(591_872));
        Assert.That(hypervisor.Pod(7), Is.EqualTo(pod));
        Assert.That(hypervisor.Pod(8), Is.Null, "ENOSYS");
    }

    private static XenVersion RealVersion()
    {
        uint[] parts = [.. Shim.Version.Split('.').Select(uint.Parse)];
        return new XenVersion(parts[0], parts[1]);
    }

    private static XenUnavailableException Refusal(Action action) => Assert.Throws<XenUnavailableException>(action)!;
}
