using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class ShimTests
{
    private static readonly XenVersion Fake = new(9, 9);

    private string directory = null!;

    [SetUp]
    public void MakeDirectory() => directory = Directory.CreateTempSubdirectory("shim-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(directory, recursive: true);

    [Test]
    public void The_real_shim_loads_and_agrees_on_every_structure()
    {
        Shim.BuildReal(directory);

        Assert.That(() => HypervisorShim.Load(RealVersion(), [directory]), Throws.Nothing);
    }

    [Test]
    public void The_real_shim_says_clearly_that_there_is_no_hypervisor()
    {
        Shim.BuildReal(directory);

        XenUnavailableException error = Refusal(() => HypervisorConnection.Open(HypervisorShim.Load(RealVersion(), [directory])).Dispose());

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.NoHypervisor));
        Assert.That(error.Message, Does.Contain("errno").And.Contain("privcmd"));
    }

    [Test]
    public void A_shim_for_another_Xen_is_refused()
    {
        File.Move(Shim.BuildReal(directory), Path.Combine(directory, "libxenballoon-hv-9.9.so"));

        XenUnavailableException error = Refusal(() => HypervisorShim.Load(Fake, [directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.ShimMismatch));
        Assert.That(error.Message, Does.Contain($"built for Xen {Shim.Version}"));
    }

    [TestCase("-DFAKE_ABI=1", "ABI 1")]
    [TestCase("-DFAKE_GROWN_DOMAIN=8", "bytes")]
    [TestCase("-DFAKE_GROWN_POD=8", "bytes")]
    public void A_shim_of_another_build_is_refused(string definition, string says)
    {
        Shim.BuildFake(directory, definition);

        XenUnavailableException error = Refusal(() => HypervisorShim.Load(Fake, [directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.ShimMismatch));
        Assert.That(error.Message, Does.Contain(says));
    }

    [Test]
    public void A_file_that_is_no_library_is_refused()
    {
        File.WriteAllText(Path.Combine(directory, "libxenballoon-hv-9.9.so"), "no library");

        XenUnavailableException error = Refusal(() => HypervisorShim.Load(Fake, [directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.NoShim));
        Assert.That(error.Message, Does.Contain("libxenballoon-hv-9.9.so cannot be loaded").And.Not.Contain("\n"));
    }

    [Test]
    public void The_first_directory_that_has_a_shim_is_taken()
    {
        Shim.BuildFake(directory);

        Assert.That(() => HypervisorShim.Load(Fake, [Path.Combine(directory, "none"), directory]), Throws.Nothing);
    }

    [Test]
    public void Every_field_arrives_where_it_belongs()
    {
        Shim.BuildFake(directory);
        using HypervisorConnection hypervisor = HypervisorConnection.Open(HypervisorShim.Load(Fake, [directory]));

        Assert.That(hypervisor.Memory(), Is.EqualTo(new HypervisorMemory(new KiB(4_000_000), new KiB(3_000_000), new KiB(200_000))));
        IReadOnlyList<HypervisorDomain> domains = hypervisor.Domains();
        Assert.That(domains.Select(domain => domain.Identity.Domid), Is.EqualTo(Enumerable.Range(0, 600)), "in batches, each domain once");
        Assert.That(domains[0].MaxMem, Is.GreaterThan(KiB.FromMiB(1L << 40)), "no limit is a great limit, and no overflow");
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
        Assert.That((hvm.Kind, hvm.Paused, hvm.Dying, hvm.ShutdownReason), Is.EqualTo((DomainKind.Hvm, true, false, (int?)null)));
        Assert.That(hypervisor.Domain(600), Is.Null);
        Assert.That(hypervisor.SetMaxMem(5, new KiB(12_345_678)), Is.Zero);
        Assert.That(hypervisor.SetMaxMem(5, new KiB(1)), Is.EqualTo(1), "EPERM");
        Assert.That(hypervisor.SetPodTarget(6, new KiB(87_654_321)), Is.Zero);
        Assert.That(hypervisor.SetPodTarget(6, new KiB(1)), Is.EqualTo(Errno.NoSuchProcess));
        Assert.That(hypervisor.Pod(7), Is.EqualTo(new HypervisorPod(Cache: new KiB(198_656), Entries: new KiB(591_872))));
        Assert.That(hypervisor.Pod(8), Is.Null, "ENOSYS");
    }

    private static XenVersion RealVersion()
    {
        uint[] parts = [.. Shim.Version.Split('.').Select(uint.Parse)];
        return new XenVersion(parts[0], parts[1]);
    }

    private static XenUnavailableException Refusal(Action act) => Assert.Throws<XenUnavailableException>(act)!;
}
