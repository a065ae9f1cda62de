namespace XenBalloon.Bus.Tests.EveryMember;

internal sealed class PropertyTests : SystemBusTests
{
    private static IEnumerable<TestCaseData<Member, string>> All =>
        PropertyTable.All.Select(one => new TestCaseData<Member, string>(one.Member, one.Value));

    [TestCaseSource(nameof(All))]
    public void Root_reads(Member property, string value) =>
        Assert.That(Get(property).Output.TrimEnd(), Is.EqualTo(value));

    [TestCaseSource(nameof(All))]
    public void Anyone_reads(Member property, string value) =>
        Assert.That(Get(property, asNobody: true).Output.TrimEnd(), Is.EqualTo(value));
}
