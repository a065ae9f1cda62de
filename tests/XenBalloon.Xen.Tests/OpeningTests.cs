using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>Opening a host, and the error for each thing that can be missing.</summary>
internal sealed class OpeningTests
{
    private string directory = null!;
    private XenHostOptions options = null!;

    [SetUp]
    public void CreateDom0()
    {
        directory = Directory.CreateTempSubdirectory("xen-").FullName;
        Directory.CreateDirectory(Path.Combine(directory, "version"));
        File.WriteAllText(Path.Combine(directory, "version", "major"), "9\n");
        File.WriteAllText(Path.Combine(directory, "version", "minor"), "9\n");
        File.WriteAllText(Path.Combine(directory, "capabilities"), "control_d\n");
        this.options = new XenHostOptions
        {
            SysHypervisor = directory,
            Capabilities = Path.Combine(directory, "capabilities"),
            ShimDirectories = [directory],
        };
    }

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(directory, recursive: true);

    [Test]
    public void Machine_without_Xen_is_refused()
    {
        XenHostOptions noXen = new() { SysHypervisor = Path.Combine(directory, "none") };
        AssertRefused(noXen, XenUnavailableCause.NotXen, "does not run under Xen", "boot Xen");
    }

    [Test]
    public void Each_part_is_tried_by_itself()
    {
        XenHostOptions noStore = this.options with { XenStoreLibraries = ["libnone.so.1"] };

        XenParts parts = XenParts.Probe(noStore);

        Assert.That(parts.Version, Is.EqualTo(new Version(9, 9)));
        Assert.That(parts.Xen.Failure, Is.Null);
        Assert.That(parts.Hypervisor!.Failure!.Cause, Is.EqualTo(XenUnavailableCause.NoShim));
        Assert.That(parts.Store.Failure!.Cause, Is.EqualTo(XenUnavailableCause.NoXenStoreLibrary));
    }

    [Test]
    public void Machine_without_Xen_has_no_version_and_no_hypervisor_to_try()
    {
        XenHostOptions noXen = this.options with { SysHypervisor = Path.Combine(directory, "none") };

        XenParts parts = XenParts.Probe(noXen);

        Assert.That((parts.Version, parts.Hypervisor), Is.EqualTo(((Version?)null, (XenPart?)null)));
        Assert.That(parts.Xen.Failure!.Cause, Is.EqualTo(XenUnavailableCause.NotXen));
        Assert.That(XenParts.RunningVersion(noXen), Is.Null);
    }

    [Test]
    public void Guest_is_refused()
    {
        File.WriteAllText(this.options.Capabilities, "");
        AssertRefused(this.options, XenUnavailableCause.NotDom0, "lacks control_d", "run in dom0");
    }

    [Test]
    public void Missing_xenfs_is_reported_with_the_mount_command()
    {
        File.Delete(this.options.Capabilities);
        AssertRefused(
            this.options,
            XenUnavailableCause.NotDom0,
            this.options.Capabilities,
            "mount -t xenfs xenfs /proc/xen");
    }

    [Test]
    public void Missing_libxenstore_is_reported_with_the_names_tried()
    {
        AssertRefused(
            this.options with { XenStoreLibraries = ["libxenstore.so.98", "libxenstore.so.99"] },
            XenUnavailableCause.NoXenStoreLibrary,
            "libxenstore.so.98, libxenstore.so.99",
            "install libxenstore4");
    }

    [Test]
    public void Library_that_is_not_libxenstore_is_refused()
    {
        AssertRefused(
            this.options with { XenStoreLibraries = ["libc.so.6"] },
            XenUnavailableCause.NoXenStoreLibrary,
            "libc.so.6 lacks the function xs_check_watch",
            "reinstall libxenstore4");
    }

    [Test]
    public void Missing_shim_is_reported_with_the_files_tried()
    {
        AssertRefused(
            this.options with { ShimDirectories = ["/nowhere/a", "/nowhere/b"] },
            XenUnavailableCause.NoShim,
            "/nowhere/a/libxenballoon-hv.so, /nowhere/b/libxenballoon-hv.so",
            "make publish install");
    }

    [Test]
    public void Xen_that_is_newer_than_the_shim_is_refused_with_its_version()
    {
        Shim.BuildFake(directory, "4.20", "-DFAKE_SYSCTL=0x17");
        AssertRefused(this.options, XenUnavailableCause.UnknownInterface, "Xen 9.9", "sysctl 0x17");
    }

    [Test]
    public void Refusal_of_the_hypervisor_is_reported_with_its_error()
    {
        Shim.BuildFake(directory, "4.17", "-DFAKE_ERROR_IN=OPEN", "-DFAKE_ERROR=EACCES");
        AssertRefused(this.options, XenUnavailableCause.NoHypervisor, "errno 13", "xen-privcmd");
    }

    [Test]
    public void Missing_xenstored_is_reported_with_its_socket()
    {
        Shim.BuildFake(directory);
        Toolstack.UseSocket("/nowhere/xenstored/socket");
        AssertRefused(this.options, XenUnavailableCause.NoXenStore, "/nowhere/xenstored/socket", "start it");
    }

    [TestCase("xenstored")]
    [TestCase("oxenstored")]
    public void Open_host_shows_all_domains_and_writes_nothing(string name)
    {
        Shim.BuildFake(directory);
        using StubDaemon daemon = new(name);
        using Toolstack toolstack = new(daemon);
        toolstack.Write("/local/domain/5/memory/target", "262144");

        using XenHost host = XenHost.Open(this.options, TimeProvider.System);

        Assert.That(host.Description, Is.EqualTo("Xen 9.9"));
        Assert.That(host.CommandLine, Does.Contain("dom0_mem=1024M"));
        HostSnapshot snapshot = host.Observe();
        Assert.That(snapshot.Domains, Has.Length.EqualTo(600));
        Assert.That(toolstack.Read("/local/domain/5/memory/xenballoon-boot-memory"), Is.Null);
        Assert.That(toolstack.Read("/local/domain/6"), Is.Null);
    }

    [Test]
    public void Shim_is_searched_beside_the_program_and_then_in_the_system()
    {
        IReadOnlyList<string> directories = new XenHostOptions().ShimDirectories;

        Assert.That(directories[0], Does.EndWith("/lib"));
        Assert.That(directories[1], Does.EndWith("/lib/xenballoon"), "installed with another prefix");
        Assert.That(directories[^1], Is.EqualTo("/usr/lib/xenballoon"));
    }

    private static void AssertRefused(XenHostOptions options, XenUnavailableCause cause, params string[] expected)
    {
        XenUnavailableException error = Assert.Throws<XenUnavailableException>(
            () => XenHost.Open(options, TimeProvider.System).Dispose())!;
        Assert.That(error.Cause, Is.EqualTo(cause));
        Assert.That(error.Message, Does.Not.Contain("\n"), "one line");
        foreach (string part in expected) Assert.That(error.Message, Does.Contain(part));
    }
}
