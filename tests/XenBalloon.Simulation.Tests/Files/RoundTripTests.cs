using CsCheck;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Files;

public sealed class RoundTripTests
{
    [Test]
    public void What_is_written_reads_back_equal() =>
        ScenarioGen.Any.Sample(scenario =>
        {
            ScenarioReading reading = ScenarioFile.Parse(ScenarioWriter.Write(scenario), "any.scenario");
            Assert.That(reading.Errors, Is.Empty);
            Assert.That(reading.Scenario, Is.EqualTo(scenario).Using<LoopMissCurve>(Equals).UsingPropertiesComparer());
        }, iter: 100);

    [Test]
    public void The_comparison_sees_what_lies_deep([Values] bool same)
    {
        Scenario one = Read("anonymous = (ramp 0s 1m, 5s 2m + constant 1m) repeat 10s");
        Scenario other = Read(same ? "anonymous = (ramp 0s 1m, 5s 2m + constant 1m) repeat 10s" : "anonymous = (ramp 0s 1m, 5s 3m + constant 1m) repeat 10s");
        Assert.That(one, same ? Is.EqualTo(other).UsingPropertiesComparer() : Is.Not.EqualTo(other).UsingPropertiesComparer());
    }

    private static Scenario Read(string key) =>
        ScenarioFile.Parse($"[scenario]\nhost = 2g\n[guest a]\nmemory = 512m\n{key}\n", "deep.scenario").Scenario!;
}
