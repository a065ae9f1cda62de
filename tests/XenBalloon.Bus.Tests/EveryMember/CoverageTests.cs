using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace XenBalloon.Bus.Tests.EveryMember;

/// <summary>Holds the tables of cases against the shipped descriptions, so that no member is forgotten.</summary>
internal sealed partial class CoverageTests
{
    private static readonly string[] Interfaces = ["Manager", "Domain", "Reservation"];

    [Test]
    public void Each_member_that_is_described_has_a_case_and_no_other_has_one()
    {
        IEnumerable<Member> described =
            from name in Interfaces
            from element in ShippedFiles.Interface($"org.xenballoon.Balloon1.{name}").Elements()
            where element.Name != "annotation"
            select new Member(name, element.Name.LocalName, (string)element.Attribute("name")!);
        Member[] covered =
        [
            .. MethodTable.All.Select(one => one.Member),
            .. PropertyTable.All.Select(one => one.Member),
            .. SignalTable.All.Select(one => one.Member),
        ];

        Assert.That(covered.Distinct(), Is.EquivalentTo(described));
    }

    [Test]
    public void Each_interface_has_its_description() => Assert.That(
        Directory.GetFiles(Path.GetDirectoryName(ShippedFiles.PathOf("x"))!, "*.xml").Select(Path.GetFileName),
        Is.EquivalentTo(Interfaces.Select(name => $"org.xenballoon.Balloon1.{name}.xml")));

    [Test]
    public void Each_error_that_a_refusal_can_be_is_described()
    {
        var manager = XDocument.Load(ShippedFiles.PathOf("org.xenballoon.Balloon1.Manager.xml"));
        string described = string.Concat(manager.Nodes().OfType<XComment>().Select(comment => comment.Value));
        string list = ErrorList().Match(described).Groups[1].Value;
        string[] names = list.Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

        Assert.That(names, Is.EquivalentTo(ControlErrorTests.OfTheDaemon.Select(error => error.ToString())));
    }

    [GeneratedRegex(@"Balloon1\.Error\.\s+([A-Za-z,\s]+)\.")]
    private static partial Regex ErrorList();
}
