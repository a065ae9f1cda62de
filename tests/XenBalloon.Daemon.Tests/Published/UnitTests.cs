using System.Globalization;
using System.Text.RegularExpressions;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>
/// What systemd says about the units. That the programs work under them is tested with systemd on real Xen:
/// XenBalloon.Releases.Tests.
/// </summary>
public sealed class UnitTests
{
    private const string Daemon = "systemd/xenballoond.service", Agent = "guest/xenballoon-agent.systemd";

    /// <summary>From 0 to 10; a unit without any restriction has 9.6.</summary>
    private const double MostExposure = 1.5;

    [TestCase(Daemon)]
    [TestCase(Agent)]
    public void Unit_gives_its_program_little_that_it_could_misuse(string unit)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "xenballoon.service");
        File.Copy(Path.Combine(Repository.Root, "init", unit), file);

        Command analysis = Command.Run("systemd-analyze", ["security", "--offline=true", "--no-pager", file]);

        Match level = Regex.Match(analysis.Output, @"Overall exposure level for \S+: ([\d.]+)");
        Assert.That(level.Success, Is.True, analysis.Output + analysis.Error);
        double exposure = double.Parse(level.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.That(exposure, Is.LessThanOrEqualTo(MostExposure), analysis.Output);
    }
}
