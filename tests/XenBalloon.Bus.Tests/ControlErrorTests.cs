namespace XenBalloon.Bus.Tests;

/// <summary>The table of errors.</summary>
internal sealed class ControlErrorTests
{
    private const string Prefix = "org.xenballoon.Balloon1.Error.";

    /// <summary>The errors that the daemon itself refuses a request with.</summary>
    internal static IEnumerable<ControlError> OfTheDaemon =>
        Enum.GetValues<ControlError>().Where(error => error.BusName().StartsWith(Prefix, StringComparison.Ordinal));

    private static ControlError[] All => Enum.GetValues<ControlError>();

    [TestCaseSource(nameof(All))]
    public void Error_is_found_again_by_its_name_on_the_bus(ControlError error) =>
        Assert.That(ControlErrors.Of(error.BusName()), Is.EqualTo(error));

    [TestCaseSource(nameof(OfTheDaemon))]
    public void Error_of_the_daemon_is_named_after_itself(ControlError error) =>
        Assert.That(error.BusName(), Is.EqualTo(Prefix + error));

    [Test]
    public void Unknown_name_is_a_failure() =>
        Assert.That(ControlErrors.Of("org.example.Error.Odd"), Is.EqualTo(ControlError.Failed));

    [TestCase(ControlError.Unreachable, 3)]
    [TestCase(ControlError.NoSuchDomain, 4)]
    [TestCase(ControlError.NotEnoughMemory, 6)]
    [TestCase(ControlError.DomainsRefused, 6)]
    [TestCase(ControlError.AccessDenied, 1)]
    [TestCase(ControlError.InvalidArgument, 1)]
    public void Exit_status_is_the_documented_one(ControlError error, int status) =>
        Assert.That(error.ExitStatus(), Is.EqualTo(status));
}
