using System.Xml.Linq;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Tests.Polkit;

/// <summary>The shipped file of polkit's actions.</summary>
internal sealed class PolkitActionTests
{
    private static readonly string PolicyFile =
        Path.Combine(TestContext.CurrentContext.TestDirectory, "polkit", "org.xenballoon.Balloon1.policy");

    private static readonly XElement[] Actions = [.. XDocument.Load(PolicyFile).Root!.Elements("action")];

    [Test]
    public void Each_action_that_polkit_is_asked_about_is_in_it_and_no_other() => Assert.That(
        Actions.Select(action => (string?)action.Attribute("id")),
        Is.EquivalentTo(new[] { BusNames.SetHostAction, BusNames.SetDomainAction, BusNames.ReserveAction }));

    [Test]
    public void By_default_only_an_administrator_may_and_not_without_a_password()
    {
        IEnumerable<string> answers =
            Actions.SelectMany(action => action.Element("defaults")!.Elements()).Select(answer => answer.Value);
        Assert.That(answers, Has.Exactly(9).Items.And.All.AnyOf("auth_admin", "auth_admin_keep"));
    }

    [Test]
    public void Each_action_says_to_a_person_what_it_is() => Assert.That(
        Actions.SelectMany(action => new[] { action.Element("description")?.Value, action.Element("message")?.Value }),
        Is.All.Not.Null.And.All.Not.Empty);
}
