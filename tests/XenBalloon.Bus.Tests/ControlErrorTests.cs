namespace XenBalloon.Bus.Tests;

/// <summary>The table of D-Bus error names and exit statuses.</summary>
internal sealed class ControlErrorTests
{
    private const string Prefix = "org.xenballoon.Balloon1.Error.";

    /// <summary>The errors with names of the service's own.</summary>
    internal static IEnumerable<ControlError> OfTheDaemon =>
        Enum.GetValues<ControlError>().Where(error => error.BusName().StartsWith(Prefix, StringComparison.Ordinal));

    private static ControlError[] All => Enum.GetValues<ControlError>();

    [TestCaseSource(nameof(All))]
    public void D_Bus_name_maps_back_to_the_error(ControlError error) =>
        Assert.That(ControlErrors.Of(error.BusName()), Is.EqualTo(error));

    [TestCaseSource(nameof(OfTheDaemon))]
    public void D_Bus_name_of_a_daemon_error_ends_with_the_error(ControlError error) =>
        Assert.That(error.BusName(), Is.EqualTo(Prefix + error));

    [Test]
    public void Unknown_D_Bus_name_maps_to_Failed() =>
        Assert.That(ControlErrors.Of("org.example.Error.Odd"), Is.EqualTo(ControlError.Failed));

    [TestCase(ControlError.Unreachable, 3)]
    [TestCase(ControlError.NoSuchDomain, 4)]
    [TestCase(ControlError.NotEnoughMemory, 6)]
    [TestCase(ControlError.DomainsRefused, 6)]
    [TestCase(ControlError.AccessDenied, 1)]
    [TestCase(ControlError.InvalidArgument, 1)]
    public void Exit_status_is_as_documented(ControlError error, int status) =>
        Assert.That(error.ExitStatus(), Is.EqualTo(status));
}
