using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class PassthroughTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void A_device_of_libxls_is_seen_at_first_sight()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write("/local/domain/0/backend/pci/5/0/dev-0", "0000:01:00.0");
        Toolstack.Write("/local/domain/0/backend/pci/5/0/num_devs", "1");
        TestDomain other = Describe(6);
        Create(other);

        Assert.That(Look(domain).HasPassthrough, Is.True);
        Assert.That(Look(other).HasPassthrough, Is.False);
    }

    [Test]
    public void A_device_that_is_plugged_or_unplugged_is_noticed_before_long()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Assert.That(Look(domain).HasPassthrough, Is.False);

        Toolstack.Write("/local/domain/0/backend/pci/5/0/dev-0", "0000:01:00.0");
        Time.Advance(NotesReader.NotesLast);
        Assert.That(Look(domain).HasPassthrough, Is.True);

        Toolstack.Remove("/local/domain/0/backend/pci/5");
        Time.Advance(NotesReader.NotesLast);
        Assert.That(Look(domain).HasPassthrough, Is.False);
    }

    [Test]
    public void A_device_of_the_device_models_domain_is_its_guests_too()
    {
        TestDomain guest = Describe(5), model = Describe(6);
        Create(guest);
        Create(model);
        Toolstack.Write("/local/domain/5/image/device-model-domid", "6");
        Toolstack.Write("/local/domain/0/backend/pci/6/0/dev-0", "0000:01:00.0");

        Assert.That(Look(guest).HasPassthrough, Is.True);
        Assert.That(Look(model).HasPassthrough, Is.True);
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("")]
    [TestCase("6/../5")]
    public void A_device_model_that_is_no_domain_of_its_own_has_no_devices(string domid)
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write("/local/domain/5/image/device-model-domid", domid);
        Toolstack.Write("/local/domain/0/backend/pci/0/0/dev-0", "0000:01:00.0");

        Assert.That(Look(domain).HasPassthrough, Is.False);
    }
}
