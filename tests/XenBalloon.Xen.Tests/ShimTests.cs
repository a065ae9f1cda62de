using System.Text.RegularExpressions;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed partial class ShimTests
{
    private static readonly XenVersion Version = new(4, 99);

    private string directory = null!;

    [SetUp]
    public void CreateDirectory() => directory = Directory.CreateTempSubdirectory("shim-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(directory, recursive: true);

    [Test]
    public void Real_shim_loads_and_its_structures_match()
    {
        Shim.BuildReal(directory);

        Assert.That(() => HypervisorShim.Load([directory]), Throws.Nothing);
    }

    [Test]
    public void Real_shim_without_a_hypervisor_is_reported_with_its_error()
    {
        Shim.BuildReal(directory);

        XenUnavailableException error = Refusal(() => Open().Dispose());

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.NoHypervisor));
        Assert.That(error.Message, Does.Contain("errno").And.Contain("privcmd"));
    }

    [Test]
    public void Shim_built_with_a_new_Xen_loads_with_an_old_one()
    {
        string needed = Repository.Run("readelf", "--version-info", "--wide", Shim.BuildReal(directory));

        IEnumerable<string> versions = LibXenCallVersion().Matches(needed).Select(match => match.Value);
        Assert.That(versions, Is.Not.Empty.And.All.EqualTo("VERS_1.0"), "Xen 4.14 has up to VERS_1.2, 4.16 VERS_1.3");
    }

    [TestCase("#define XB_HV_ABI 3", "#define XB_HV_ABI 1", "ABI 1")]
    [TestCase("uint32_t sysctl;", "uint32_t sysctl, more;", "bytes")]
    [TestCase("uint64_t scrub_kib;", "uint64_t scrub_kib, more;", "bytes")]
    [TestCase("uint64_t cpu_ns;", "uint64_t cpu_ns, more;", "bytes")]
    [TestCase("uint64_t cache_kib;", "uint64_t cache_kib, more;", "bytes")]
    public void Shim_of_another_build_is_refused(string text, string replacement, string reason)
    {
        Shim.BuildOther(directory, text, replacement);

        XenUnavailableException error = Refusal(() => HypervisorShim.Load([directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.ShimMismatch));
        Assert.That(error.Message, Does.Contain(reason));
    }

    [Test]
    public void File_that_is_not_a_library_is_refused()
    {
        string file = Path.Combine(directory, "libxenballoon-hv.so");
        File.WriteAllText(file, "no library");

        XenUnavailableException error = Refusal(() => HypervisorShim.Load([directory]));

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.NoShim));
        Assert.That(error.Message, Does.StartWith($"cannot load {file}: ").And.Not.Contain("\n"));
        Assert.That(error.Message, Does.Contain("apt-get install libxencall1"));
    }

    [Test]
    public void First_directory_with_a_shim_is_used()
    {
        Shim.BuildFake(directory);

        string[] directories = [Path.Combine(directory, "none"), directory];
        Assert.That(() => HypervisorShim.Load(directories), Throws.Nothing);
    }

    [Test]
    public void Structures_match_the_headers_of_Xen(
        [Values("4.14", "4.17", "4.20")] string xen,
        [Values("-D__x86_64__ -U__aarch64__", "-U__x86_64__ -D__aarch64__")] string architecture) =>
        Assert.That(() => Shim.CheckStructures(xen, architecture.Split(' ')), Throws.Nothing);

    // Where Debian ships no headers of a version, those of another one with the same structures are used.
    [TestCase("4.14", "", TestName = "Every_field_is_read_from_its_place(4.14)")]
    [TestCase("4.14", "-DFAKE_DOMCTL=0x13", TestName = "Every_field_is_read_from_its_place(4.15)")]
    [TestCase(
        "4.17",
        "-DFAKE_SYSCTL=0x14 -DFAKE_DOMCTL=0x14 -DFAKE_PHYSINFO_4_16",
        TestName = "Every_field_is_read_from_its_place(4.16)")]
    [TestCase("4.17", "", TestName = "Every_field_is_read_from_its_place(4.17)")]
    [TestCase("4.17", "-DFAKE_DOMCTL=0x16", TestName = "Every_field_is_read_from_its_place(4.18)")]
    [TestCase("4.20", "", TestName = "Every_field_is_read_from_its_place(4.19 and 4.20)")]
    [TestCase("4.20", "-DFAKE_SYSCTL=0x16", TestName = "Every_field_is_read_from_its_place(4.21)")]
    [TestCase("4.20", "-DFAKE_SYSCTL=0x16 -DFAKE_DOMCTL=0x18", TestName = "Every_field_is_read_from_its_place(4.22)")]
    public void Every_field_is_read_from_its_place(string xen, string definitions)
    {
        using HypervisorConnection hypervisor = OpenFake(xen, definitions);

        HypervisorMemory memory = new(new KiB(4_000_000), new KiB(3_000_000), new KiB(200_000));
        Assert.That(hypervisor.Memory(), Is.EqualTo(memory));
        HypervisorDomain[] domains = hypervisor.Domains().ToArray();
        IEnumerable<int> domids = domains.Select(domain => domain.Identity.Domid);
        Assert.That(domids, Is.EqualTo(Enumerable.Range(0, 600)), "each domain once");
        Assert.That(hypervisor.Domains().ToArray(), Is.EqualTo(domains));
        Assert.That(domains[0].MaxMem, Is.GreaterThan(KiB.FromMiB(1L << 40)), "no limit is large, and not an overflow");
        Assert.That(domains[300], Is.EqualTo(hypervisor.Domain(300)));

        // 0x115 = 277: flags 21 are dying, shutdown, blocked; reason 2.
        Assert.That(domains[0x115], Is.EqualTo(new HypervisorDomain
        {
            Identity = new DomainIdentity(0x115, Guid.Parse("00010203-0405-0607-0809-0a0b0c0d0115")),
            Kind = DomainKind.Pv,
            Dying = true,
            Paused = false,
            HasRun = true,
            ShutdownReason = 0x115 % 5,
            Actual = new KiB(0x115 * 1000),
            Outstanding = new KiB(0x115 * 4),
            MaxMem = new KiB(0x115 * 2000),
        }));
        HypervisorDomain hvm = domains[64 + 2 + 8];
        Assert.That((hvm.Kind, hvm.Paused, hvm.Dying), Is.EqualTo((DomainKind.Hvm, true, false)));
        Assert.That((hvm.ShutdownReason, hvm.HasRun), Is.EqualTo(((int?)null, false)));
        Assert.That(hypervisor.SetMaxMem(5, new KiB(12_345_678)), Is.Zero);
        Assert.That(hypervisor.SetMaxMem(5, new KiB(1)), Is.EqualTo(Errno.NotPermitted));
        Assert.That(hypervisor.SetPodTarget(6, new KiB(87_654_320)), Is.Zero);
        Assert.That(hypervisor.SetPodTarget(6, new KiB(4)), Is.EqualTo(Errno.Invalid));
        HypervisorPod pod = new(Cache: new KiB(198_656), Entries: new KiB(591_872));
        Assert.That(hypervisor.Pod(7), Is.EqualTo(pod));
        Assert.That(hypervisor.CommandLine, Is.EqualTo("placeholder dom0_mem=1024M,max:1024M loglvl=all"));
    }

    [Test]
    public void Domain_that_is_gone_is_distinguished_from_errors()
    {
        using HypervisorConnection hypervisor = OpenFake();

        Assert.That(hypervisor.Domain(600), Is.Null);
        Assert.That(hypervisor.SetMaxMem(600, new KiB(4)), Is.EqualTo(Errno.NoSuchProcess));
        Assert.That(hypervisor.SetPodTarget(600, new KiB(4)), Is.EqualTo(Errno.NoSuchProcess));
        Assert.That(hypervisor.Pod(600), Is.Null);
    }

    [TestCase(8, TestName = "Target_is_not_set_where_nothing_populates_on_demand(PV)")]
    [TestCase(10, TestName = "Target_is_not_set_where_nothing_populates_on_demand(ENOSYS, as on Arm)")]
    public void Target_is_not_set_where_nothing_populates_on_demand(int domid)
    {
        using HypervisorConnection hypervisor = OpenFake();

        Assert.That(hypervisor.SetPodTarget(domid, new KiB(4)), Is.Zero);
        Assert.That(hypervisor.Pod(domid), Is.Null);
    }

    [TestCase("-DFAKE_SYSCTL=0x17 -DFAKE_DOMCTL=0x19", "sysctl 0x17, domctl 0x19")]
    [TestCase("-DFAKE_SYSCTL=0x17", "sysctl 0x17, domctl 0x15")]
    [TestCase("-DFAKE_DOMCTL=0x19", "sysctl 0x15, domctl 0x19")]
    [TestCase("-DFAKE_DOMCTL=0x11", "sysctl 0x15, domctl 0x11")]
    public void Unknown_interface_is_refused_with_its_version(string definitions, string found)
    {
        XenUnavailableException error = Refusal(() => OpenFake("4.17", definitions).Dispose());

        Assert.That(error.Cause, Is.EqualTo(XenUnavailableCause.UnknownInterface));
        Assert.That(error.Message, Does.Contain($"the interface of Xen 4.99 ({found})"));
        Assert.That(error.Message, Does.Contain("install a version of xenballoon that supports Xen 4.99"));
    }

    [TestCase("OPEN", "ENOENT", 2)]
    [TestCase("SYSCTL", "EPERM", 1)]
    [TestCase("DOMCTL", "ENOSYS", 38)]
    [TestCase("SYSCTL", "EACCES", 13, Description = "XSM forbids it: the same error as for another version")]
    public void Refusal_of_the_hypervisor_is_reported_with_its_error(string call, string error, int errno)
    {
        XenUnavailableException refusal =
            Refusal(() => OpenFake("4.17", $"-DFAKE_ERROR_IN={call} -DFAKE_ERROR={error}").Dispose());

        Assert.That(refusal.Cause, Is.EqualTo(XenUnavailableCause.NoHypervisor));
        Assert.That(refusal.Message, Does.Contain($"(errno {errno})"));
    }

    [Test]
    public void Error_of_an_open_hypervisor_loses_the_host()
    {
        using HypervisorConnection hypervisor = OpenFake("4.17", "-DFAKE_ERROR_IN=LIST -DFAKE_ERROR=EPERM");

        Assert.That(
            () => hypervisor.Domains().ToArray(),
            Throws.TypeOf<HostLostException>().With.Message.Contains("errno 1"));
        Assert.That(() => hypervisor.Domain(1), Throws.TypeOf<HostLostException>().With.Message.Contains("errno 1"));
    }

    [TestCase("-DFAKE_ERROR_IN=COMMAND_LINE -DFAKE_ERROR=EPERM")]
    [TestCase("-DFAKE_COMMAND_LINE=\"<denied>\"")]
    public void Secret_command_line_is_null(string definitions)
    {
        using HypervisorConnection hypervisor = OpenFake("4.17", definitions);

        Assert.That(hypervisor.CommandLine, Is.Null);
    }

    private HypervisorConnection OpenFake(string xen = "4.17", string definitions = "")
    {
        Shim.BuildFake(directory, xen, definitions.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return Open();
    }

    private HypervisorConnection Open() => HypervisorConnection.Open(HypervisorShim.Load([directory]), Version);

    private static XenUnavailableException Refusal(Action action) => Assert.Throws<XenUnavailableException>(action)!;

    [GeneratedRegex(@"\bVERS_[0-9.]+")]
    private static partial Regex LibXenCallVersion();
}
