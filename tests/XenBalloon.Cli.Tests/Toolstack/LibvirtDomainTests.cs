using System.Text;
using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests.Toolstack;

internal sealed class LibvirtDomainTests
{
    [Test]
    public void A_domain_is_read_with_its_units() => Assert.That(
        Read("""
            <domain type='xen'><name>web</name><memory unit='GiB'>2</memory><currentMemory>524288</currentMemory><vcpu placement='static'>4</vcpu>
            <os><type arch='x86_64' machine='xenpvh'>xenpvh</type></os><devices><hostdev mode='subsystem' type='pci'/></devices></domain>
            """),
        Is.EqualTo(new DomainConfiguration { Name = "web", Type = DomainKind.Hvm, Memory = KiB.FromMiB(512), MaxMem = KiB.FromMiB(2048), Vcpus = 4, HasPassthrough = true }));

    [TestCase("<domain><memory unit='MB'>1024</memory><os><type>linux</type></os></domain>", 1_000_000, DomainKind.Pv)]
    [TestCase("<domain><memory unit='bytes'>1025</memory><os><type>hvm</type></os></domain>", 2, DomainKind.Hvm)]
    public void What_is_left_out_has_libvirts_default(string xml, int kib, DomainKind type)
    {
        DomainConfiguration domain = Read(xml);
        Assert.That((domain.Memory.Value, domain.MaxMem.Value, domain.Type, domain.Vcpus), Is.EqualTo((kib, kib, type, 1)));
    }

    [TestCase("", "is not libvirt's XML")]
    [TestCase("<domain>", "is not libvirt's XML")]
    [TestCase("<network/>", "not <network>")]
    [TestCase("<domain/>", "no <memory>")]
    [TestCase("<domain><memory unit='parsec'>4</memory></domain>", "'parsec'")]
    [TestCase("<domain><memory>-4</memory></domain>", "'-4'")]
    [TestCase("<domain><memory unit='TiB'>999999999999</memory></domain>", "expected a size")]
    [TestCase("<domain><memory>4</memory><vcpu>many</vcpu></domain>", "'many'")]
    [TestCase("<!DOCTYPE domain [<!ENTITY a 'aaaa'>]><domain><name>&a;</name><memory>4</memory></domain>", "is not libvirt's XML")]
    public void What_is_wrong_is_named(string xml, string named) => Assert.That(() => Read(xml), Throws.TypeOf<ToolstackException>().With.Message.Contains(named));

    private static DomainConfiguration Read(string xml) => LibvirtDomain.Read(new MemoryStream(Encoding.UTF8.GetBytes(xml)));
}
