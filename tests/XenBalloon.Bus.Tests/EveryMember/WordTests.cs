using System.Xml.Linq;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Tests.EveryMember;

/// <summary>
/// The words that stand for values, held against the shipped descriptions: each one that can be shown is described.
/// </summary>
internal sealed class WordTests
{
    internal static IReadOnlyList<(Member Member, string[] Words)> All { get; } =
    [
        (new Member("Manager", "property", "Mode"), Of<BalancerMode>(EnumText.Of)),
        (new Member("Manager", "property", "Policy"), Of<PolicyKind>(EnumText.Of)),
        (new Member("Manager", "property", "Pressure"), Of<HostPressure>(EnumText.Of)),
        (new Member("Manager", "property", "Alarm"), Of<HostAlarm>(EnumText.Of)),
        (new Member("Domain", "property", "State"), Of<DomainLifecycle>(EnumText.Of)),
        (new Member("Domain", "property", "Health"), Of<BalloonHealth>(EnumText.Of)),
        (new Member("Domain", "property", "ReportSource"), ["none", .. Of<ReportSource>(source => EnumText.Of(source))]),
        (
            new Member("Domain", "property", "ReportVerdict"),
            ["none", .. Of<ReportVerdict>(verdict => EnumText.Of(verdict))]),
        (new Member("Reservation", "property", "State"), Of<ReservationState>(EnumText.Of)),
    ];

    private static IEnumerable<TestCaseData<Member, string[]>> Cases =>
        from one in All
        let data = new TestCaseData<Member, string[]>(one.Member, one.Words)
        select data.SetArgDisplayNames(one.Member.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Each_word_is_described(Member member, string[] words)
    {
        XElement described = ShippedFiles.Interface($"org.xenballoon.Balloon1.{member.Interface}")
            .Elements("property")
            .Single(one => (string?)one.Attribute("name") == member.Name);
        string comment = ((XComment)described.NodesBeforeSelf().Last(node => node is not XText)).Value;

        foreach (string word in words) Assert.That(comment, Does.Contain($"\"{word}\""));
    }

    private static string[] Of<T>(Func<T, string> word)
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(word)];
}
