using XenBalloon.Testing;
using static XenBalloon.Daemon.Tests.Published.SimulatedHostDaemon;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>Every error that the daemon returns on the bus: its name, and a message with the remedy.</summary>
public sealed class RefusalTests
{
    private const string Domain = Service + ".Domain", Errors = Service + ".Error.";

    private SimulatedHostDaemon daemon;
    private string waiting;

    private static IEnumerable<TestCaseData<string, string, string[], string, string>> All =>
    [
        Case("", Manager, ["Reload"], "Failed", "invalid slack: '64' has no unit"),
        Case(
            "/domain/1", Domain, ["SetWeight", "ub", "10001", "true"],
            "InvalidArgument", "invalid weight '10001': expected 1 to 10000"),
        Case(
            "/domain/1", Domain, ["SetRange", "ttb", "2097152", "1048576", "true"],
            "InvalidArgument", "set both so that they fit (xenballoon set web1 --min SIZE --max SIZE)"),
        Case(
            "/domain/1", Domain, ["SetRange", "ttb", "0", "99999999", "true"],
            "InvalidArgument", "raise maxmem in its xl configuration"),
        Case(
            "/domain/0", Domain, ["SetManaged", "bb", "true", "true"],
            "InvalidArgument", "set it with dom0_mem on Xen's command line"),
        Case(
            "/domain/1", Domain, ["Pin", "tb", "4096", "true"],
            "BelowMinimum", "lower that first (xenballoon set web1 --min SIZE)"),
        Case("", Manager, ["GetDomain", "s", "unknown"], "NoSuchDomain", "see 'xenballoon list'"),
        Case("", Manager, ["GetDomain", "s", ""], "InvalidArgument", "expected a name, UUID or domid"),
        Case("", Manager, ["SetMode", "s", "turbo"], "InvalidArgument", "expected observe, active or paused"),
        Case("", Manager, ["SetPolicy", "s", "turbo"], "InvalidArgument", "expected fair-share, "),
        Case(
            "", Manager, ["Reserve", "tta{sv}", "2048", "1024", "0"],
            "InvalidArgument", "invalid maximum 1024 KiB: expected at least the minimum, 2048 KiB"),
        Case(
            "", Manager, ["Reserve", "tta{sv}", "4", "4", "1", "colour", "s", "blue"],
            "InvalidArgument", "expected timeout or expire (u or t, in s), persistent (b) or for"),
        Case(
            "", Manager, ["Reserve", "tta{sv}", "4", "4", "1", "timeout", "i", "1"],
            "InvalidArgument", "no option 'timeout' of type 'i'"),
        Case(
            "", Manager, ["Reserve", "tta{sv}", "4", "4", "1", "timeout", "t", "999999999999"],
            "InvalidArgument", "omit it to wait without limit"),
        Case("", Manager, ["Reserve", "tta{sv}", "8388608", "8388608", "0"], "NotEnoughMemory", "request less"),
        Case(
            "", Manager, ["Reserve", "tta{sv}", "6291456", "6291456", "1", "timeout", "u", "0"],
            "DomainsRefused", "retry with a longer timeout, or stop a domain"),
        Case("/reservation/1", Reservation, ["Transfer", "u", "1"], "NotReady", "is not ready: "),
        Case("/reservation/1", Reservation, ["Transfer", "u", "77"], "NoSuchDomain", "see 'xenballoon list'"),
        Case("/reservation/1", Reservation, ["Transfer", "u", "4000000000"], "NoSuchDomain", "see 'xenballoon list'"),
    ];

    [OneTimeSetUp]
    public void Start()
    {
        daemon = new SimulatedHostDaemon("[domain \"db\"]\nmin = 1280m\nmax = 1280m\n");
        daemon.Configure("[host]\nslack = 64\n");
        waiting = daemon.Reserve(6291456, 6291456, "persistent", "b", "true");
    }

    [OneTimeTearDown]
    public void Stop() => daemon.Dispose();

    [TestCaseSource(nameof(All))]
    public void Call_is_refused_with_its_error_and_a_remedy(
        string path, string iface, string[] call, string error, string remedy)
    {
        ErrorReply refused = daemon.Refusal(Root + path, iface, call[0], call[1..]);

        Assert.That(refused.Name, Is.EqualTo(Errors + error), refused.Message);
        Assert.That(refused.Message, Does.Contain(remedy));
    }

    [Test]
    public void Missing_reservation_is_an_unknown_object() => Assert.That(
        daemon.Refusal(Root + "/reservation/99", Reservation, "Cancel").Name,
        Is.EqualTo("org.freedesktop.DBus.Error.UnknownObject"));

    [Test]
    public void Refused_calls_do_not_change_a_waiting_reservation() =>
        Assert.That(daemon.Reservations().Keys, Is.EqualTo(new[] { waiting }));

    private static TestCaseData<string, string, string[], string, string> Case(
        string path, string iface, string[] call, string error, string remedy) =>
        new TestCaseData<string, string, string[], string, string>(path, iface, call, error, remedy)
            .SetArgDisplayNames(string.Join(' ', call), error);
}
