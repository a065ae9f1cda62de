using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>What libxl's own configuration says about how a domain can be created again.</summary>
internal sealed class LibxlConfigurationTests(string daemon) : XenStoreTest(daemon)
{
    private const string WithVnuma = """
        {"c_info":{"type":"hvm"},"b_info":{"vnuma_nodes":[{"memkb":524288,"vcpus":[0]}]}}
        """;

    private readonly TestDomain domain = Describe(5);

    [Test]
    public void Limit_in_the_configuration_is_shown()
    {
        CreateHvm();
        Store(WithVnuma);
        Assert.That(FixedBy(), Is.EqualTo(CreationLimit.VirtualNuma));
    }

    [Test]
    public void Domain_without_a_configuration_has_no_known_limit()
    {
        CreateHvm();
        Assert.That(FixedBy(), Is.Null);
    }

    [Test]
    public void Configuration_that_is_missing_at_first_is_looked_for_again()
    {
        CreateHvm();
        Snapshot(domain);
        Store(WithVnuma);
        Assert.That(FixedBy(), Is.Null, "not in each pass");
        Time.Advance(DomainObserver.ConfigurationInterval);
        Assert.That(FixedBy(), Is.EqualTo(CreationLimit.VirtualNuma));
    }

    [Test]
    public void Configuration_is_read_once()
    {
        CreateHvm();
        Store("{}");
        Snapshot(domain);
        Store(WithVnuma);
        Time.Advance(DomainObserver.ConfigurationInterval);
        Assert.That(FixedBy(), Is.Null);
    }

    [Test]
    public void Configuration_is_known_in_the_first_snapshot_in_which_the_domain_runs()
    {
        CreateHvm(paused: true);
        Snapshot(domain);
        Store(WithVnuma);
        CreateHvm();
        Assert.That(FixedBy(), Is.EqualTo(CreationLimit.VirtualNuma), "libxl writes it before it unpauses the domain");
    }

    [Test]
    public void Configuration_of_another_domain_with_the_same_domid_is_not_read()
    {
        CreateHvm();
        Store(WithVnuma, domain with { Uuid = Guid.NewGuid() });
        Assert.That(FixedBy(), Is.Null);
    }

    [Test]
    public void Nothing_limits_a_PV_domain()
    {
        Create(domain);
        Store(WithVnuma);
        Assert.That(FixedBy(), Is.Null);
    }

    [Test]
    public void File_that_is_too_large_limits_nothing()
    {
        CreateHvm();
        Store(WithVnuma + new string(' ', LibxlConfiguration.LargestFile));
        Assert.That(FixedBy(), Is.Null);
    }

    private void CreateHvm(bool paused = false)
    {
        if (Guests.Count == 0) Create(domain);
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { Kind = DomainKind.Hvm, Paused = paused });
    }

    /// <summary>libxl ends the file with a NUL.</summary>
    private void Store(string json, TestDomain? owner = null)
    {
        TestDomain of = owner ?? domain;
        string file = Path.Combine(Daemon.Home, $"userdata-d.{of.Domid}.{of.Uuid}.libxl-json");
        File.WriteAllText(file, json + '\0');
    }

    private CreationLimit? FixedBy() => Snapshot(domain).FixedBy;
}

internal sealed class CreationLimitsTests
{
    [TestCase("""{"b_info":{"vnuma_nodes":[{"memkb":1}]}}""", CreationLimit.VirtualNuma)]
    [TestCase("""{"c_info":{"passthrough":"enabled"}}""", CreationLimit.Passthrough)]
    [TestCase("""{"c_info":{"passthrough":"share_pt"}}""", CreationLimit.Passthrough)]
    [TestCase("""{"c_info":{"passthrough":"sync_pt"},"pcidevs":[]}""", CreationLimit.Passthrough)]
    [TestCase("""{"dtdevs":[{"path":"/soc/dma"}]}""", CreationLimit.Passthrough)]
    [TestCase("""{"b_info":{"altp2m":"external"}}""", CreationLimit.AlternateP2m)]
    [TestCase("""{"b_info":{"type.hvm":{"altp2m":"True"}}}""", CreationLimit.AlternateP2m)]
    public void Feature_that_libxl_refuses_with_less_memory_is_found(string json, CreationLimit expected) =>
        Assert.That(Parse(json), Is.EqualTo(expected));

    [TestCase("{}")]
    [TestCase("""{"c_info":{"passthrough":"disabled"},"b_info":{"altp2m":"disabled","vnuma_nodes":[]}}""")]
    [TestCase("""{"c_info":{"passthrough":"default"},"b_info":{"type.hvm":{"altp2m":"False"}}}""")]
    [TestCase("""{"b_info":{"type.hvm":{"altp2m":"<default>"}},"dtdevs":[]}""")]
    public void Feature_that_is_off_limits_nothing(string json) => Assert.That(Parse(json), Is.Null);

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[1]")]
    [TestCase("null")]
    [TestCase("""{"c_info":7,"b_info":[],"dtdevs":{}}""")]
    [TestCase("""{"c_info":{"passthrough":4},"b_info":{"vnuma_nodes":2,"altp2m":true}}""")]
    [TestCase("{\"c_info\":{\"passthrough\":\"\\ud800\"}}")]
    public void What_is_no_configuration_limits_nothing(string json) => Assert.That(Parse(json), Is.Null);

    private static CreationLimit? Parse(string json) =>
        CreationLimits.Parse(Encoding.UTF8.GetBytes(json + '\0')).FixedBy;
}
