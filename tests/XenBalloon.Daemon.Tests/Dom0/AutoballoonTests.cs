using XenBalloon.Daemon.Dom0;

namespace XenBalloon.Daemon.Tests.Dom0;

/// <summary>Whether xl shrinks dom0, by xl's own rule.</summary>
public sealed class AutoballoonTests
{
    private static readonly Version Old = new(4, 15), New = new(4, 16);

    [TestCase("dom0_mem=1024M")]
    [TestCase("dom0_mem=1024M,max:1024M")]
    [TestCase("console=com1 dom0_mem=min:512M,2G,max:4G loglvl=all")]
    [TestCase("dom0_mem=123456")]
    [TestCase("dom0_mem=1g,")]
    [TestCase("dom0_mem=1G2G")]
    [TestCase("dom0_mem=1max:2")]
    [TestCase("dom0_mem=1mmax:2")]
    [TestCase("dom0_mem=x dom0_mem=1G")]
    public void Size_that_every_xl_understands_turns_it_off(string commandLine)
    {
        Assert.That(DomainZeroMemory.IsKnownToXl(commandLine, Old), "old");
        Assert.That(DomainZeroMemory.IsKnownToXl(commandLine, New), "new");
        Assert.That(DomainZeroMemory.IsKnownToXl(commandLine, null), "unknown");
    }

    [TestCase("dom0_mem=-512M")]
    [TestCase("dom0_mem=1T")]
    [TestCase("dom0_mem=10%")]
    [TestCase("dom0_mem=200%")]
    [TestCase("dom0_mem=-10%")]
    [TestCase("dom0_mem=1G+10%,max:-64M")]
    public void Size_that_xl_understands_since_4_16_turns_it_off_there(string commandLine)
    {
        Assert.That(DomainZeroMemory.IsKnownToXl(commandLine, Old), Is.False, "old");
        Assert.That(DomainZeroMemory.IsKnownToXl(commandLine, New), "new");
        Assert.That(DomainZeroMemory.IsKnownToXl(commandLine, null), Is.False, "unknown");
    }

    [TestCase("")]
    [TestCase("console=com1")]
    [TestCase("dom0_mem=")]
    [TestCase("dom0_mem=,")]
    [TestCase("dom0_mem=max:")]
    [TestCase("dom0_mem=1P")]
    [TestCase("dom0_mem=1G;max:1G")]
    [TestCase("dom0_mem=1G,,2G")]
    [TestCase("dom0_mem=MAX:1G")]
    [TestCase("dom0_mem=1.5G")]
    [TestCase("dom0_mem=-1%")]
    [TestCase("dom0_mem=1G+100%")]
    [TestCase("dom0_mem=1G+10")]
    [TestCase("xdom0_mem=1G")]
    [TestCase("Dom0_mem=1G")]
    [TestCase("dom0_mem=1G\n")]
    public void Everything_else_leaves_it_on(string commandLine) =>
        Assert.That(DomainZeroMemory.IsKnownToXl(commandLine, New), Is.False);

    [TestCase("autoballoon=\"off\"\n", "", AutoballoonState.Off, "autoballoon=\"off\" in /etc/xen/xl.conf")]
    [TestCase("autoballoon=0\n", "", AutoballoonState.Off, "autoballoon=\"0\" in /etc/xen/xl.conf")]
    [TestCase("autoballoon=\"on\"\n", "dom0_mem=1G", AutoballoonState.On, "autoballoon=\"on\" in /etc/xen/xl.conf")]
    [TestCase("autoballoon=1\n", "dom0_mem=1G", AutoballoonState.On, "autoballoon=\"1\" in /etc/xen/xl.conf")]
    [TestCase("autoballoon=\"auto\"\n", "dom0_mem=1G", AutoballoonState.Off, "dom0_mem=1G on Xen's command line")]
    [TestCase("autoballoon=\"no\"\n", "", AutoballoonState.On, "no dom0_mem on Xen's command line")]
    [TestCase(null, "dom0_mem=1P", AutoballoonState.On, "xl does not understand dom0_mem=1P on Xen's command line")]
    [TestCase(null, null, AutoballoonState.Unknown, "Xen's command line cannot be read")]
    [TestCase("autoballoon=no\n", "", AutoballoonState.Unknown, "xl cannot read /etc/xen/xl.conf, line 1: ")]
    public void Rule_is_that_of_xl(string? configuration, string? commandLine, object state, string cause)
    {
        Autoballoon rule = Autoballoon.Of(new Dom0Facts(commandLine, New, configuration));

        Assert.That(rule.State, Is.EqualTo(state));
        Assert.That(rule.Cause, Does.StartWith(cause));
        Assert.That(rule.Refusal is not null, Is.EqualTo(rule.State == AutoballoonState.On));
    }
}
