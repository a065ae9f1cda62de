using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class OpeningTests
{
    private string directory = null!;
    private XenHostOptions options = null!;

    [SetUp]
    public void PretendToBeDom0()
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
    public void A_machine_without_Xen_is_told_from_one_with()
    {
        Expect(new XenHostOptions { SysHypervisor = Path.Combine(directory, "none") }, XenUnavailableCause.NotXen, "does not run under Xen", "boot Xen");
    }

    [Test]
    public void A_guest_is_told_from_dom0()
    {
        File.WriteAllText(this.options.Capabilities, "");
        Expect(this.options, XenUnavailableCause.NotDom0, "lacks control_d", "run in dom0");
    }

    [Test]
    public void Without_xenfs_the_mount_that_is_missing_is_named()
    {
        File.Delete(this.options.Capabilities);
        Expect(this.options, XenUnavailableCause.NotDom0, this.options.Capabilities, "mount -t xenfs xenfs /proc/xen");
    }

    [Test]
    public void Without_libxenstore_the_files_looked_for_are_named()
    {
        Expect(
            this.options with { XenStoreLibraries = ["libxenstore.so.98", "libxenstore.so.99"] },
            XenUnavailableCause.NoXenStoreLibrary,
            "libxenstore.so.98, libxenstore.so.99",
            "install libxenstore4");
    }

    [Test]
    public void Without_a_shim_the_files_looked_for_are_named()
    {
        Expect(
            this.options with { ShimDirectories = ["/nowhere/a", "/nowhere/b"] },
            XenUnavailableCause.NoShim,
            "/nowhere/a/libxenballoon-hv-9.9.so, /nowhere/b/libxenballoon-hv-9.9.so",
            "Xen 9.9");
    }

    [Test]
    public void Without_an_answer_of_the_hypervisor_its_error_is_named()
    {
        Shim.BuildFake(directory, "-DFAKE_OPEN_ERROR=EACCES");
        Expect(this.options, XenUnavailableCause.NoHypervisor, "errno 13", "xen-privcmd");
    }

    [Test]
    public void Without_xenstored_its_socket_is_named()
    {
        Shim.BuildFake(directory);
        Toolstack.UseSocket("/nowhere/xenstored/socket");
        Expect(this.options, XenUnavailableCause.NoXenStore, "/nowhere/xenstored/socket", "start it");
    }

    [TestCase("xenstored")]
    [TestCase("oxenstored")]
    public void With_all_there_the_host_can_be_seen_and_nothing_is_written(string name)
    {
        Shim.BuildFake(directory);
        using StubDaemon daemon = new(name);
        using Toolstack toolstack = new(daemon);
        toolstack.Write("/local/domain/5/memory/target", "262144");

        using XenHost host = XenHost.Open(this.options, TimeProvider.System);

        Assert.That(host.Description, Is.EqualTo("Xen 9.9"));
        HostSnapshot snapshot = host.Observe();
        Assert.That(snapshot.Domains, Has.Length.EqualTo(600));
        Assert.That(toolstack.Read("/local/domain/5/memory/xenballoon-boot-memory"), Is.Null);
        Assert.That(toolstack.Read("/local/domain/6"), Is.Null);
    }

    [Test]
    public void The_defaults_look_beside_the_program_and_then_in_the_system()
    {
        IReadOnlyList<string> directories = new XenHostOptions().ShimDirectories;

        Assert.That(directories[0], Does.EndWith("/lib"));
        Assert.That(directories[1], Does.EndWith("/lib/xenballoon"), "beside a program that was installed with another prefix");
        Assert.That(directories[^1], Is.EqualTo("/usr/lib/xenballoon"));
    }

    private static void Expect(XenHostOptions options, XenUnavailableCause cause, params string[] says)
    {
        XenUnavailableException error = Assert.Throws<XenUnavailableException>(() => XenHost.Open(options, TimeProvider.System).Dispose())!;
        Assert.That(error.Cause, Is.EqualTo(cause));
        Assert.That(error.Message, Does.Not.Contain("\n"), "one line");
        foreach (string part in says) Assert.That(error.Message, Does.Contain(part));
    }
}
