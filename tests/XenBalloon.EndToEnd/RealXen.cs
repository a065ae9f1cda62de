using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>One boot of the test host for all tests: each makes its own guests, and Xen never gives a domid twice in a boot this short.</summary>
[SetUpFixture]
public sealed class RealXen
{
    private static XenHost? host;

    internal static XenHost Host => host ?? throw new RigException("the test host is not up");

    [OneTimeSetUp]
    public async Task Boot() => host = await XenHost.BootAsync();

    [OneTimeTearDown]
    public async Task PowerOff()
    {
        if (host is not null)
            await host.DisposeAsync();
    }
}
