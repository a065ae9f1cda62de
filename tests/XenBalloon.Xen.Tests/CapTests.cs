using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class CapTests(string daemon) : XenStoreTest(daemon)
{
    [TestCase(HostCommandKind.SetMaxMem, "maxmem 5 300000")]
    [TestCase(HostCommandKind.SetPodTarget, "pod 5 300000")]
    public void A_cap_goes_to_the_hypervisor_and_not_to_xenstore(HostCommandKind kind, string call)
    {
        TestDomain domain = Describe(5);
        Create(domain);

        Assert.That(Set(kind, domain), Is.EqualTo(CommandOutcome.Done));

        Assert.That(Hypervisor.Calls, Is.EqualTo(new[] { call }));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo($"{domain.TargetKiB}"));
    }

    [TestCase(HostCommandKind.SetMaxMem)]
    [TestCase(HostCommandKind.SetPodTarget)]
    public void A_cap_is_only_for_the_domain_that_was_meant(HostCommandKind kind)
    {
        TestDomain old = Describe(5);
        Hypervisor.Add(Describe(5));
        Assert.That(Set(kind, old).Status, Is.EqualTo(CommandStatus.DomainGone));

        Hypervisor.Add(FakeHypervisor.Describe(old) with { Dying = true });
        Assert.That(Set(kind, old).Status, Is.EqualTo(CommandStatus.DomainGone));

        Hypervisor.Remove(5);
        Assert.That(Set(kind, old).Status, Is.EqualTo(CommandStatus.DomainGone));
        Assert.That(Hypervisor.Calls, Is.Empty);
    }

    [TestCase(Errno.NoSuchProcess, CommandStatus.DomainGone)]
    [TestCase(Errno.Invalid, CommandStatus.Refused)]
    public void What_the_hypervisor_says_is_passed_on(int errno, CommandStatus status)
    {
        TestDomain domain = Describe(5);
        Hypervisor.Add(domain);
        Hypervisor.Errno = errno;

        CommandOutcome outcome = Set(HostCommandKind.SetMaxMem, domain);

        Assert.That(outcome.Status, Is.EqualTo(status));
        Assert.That(outcome.Detail, Is.Not.Null.And.Not.Empty);
    }

    private CommandOutcome Set(HostCommandKind kind, TestDomain domain) => Host.Execute(new HostCommand(kind, domain.Identity, new KiB(300_000)));
}
