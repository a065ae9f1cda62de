using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Report;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Report;

/// <summary>The report of <c>--report</c>, read as XML, which is stricter than HTML.</summary>
internal sealed class ReportTests
{
    private const string Hostile = "<script>alert(\"1\")</script>&\u0001\ud800";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void Page_is_well_formed_and_shows_hostile_names_as_text()
    {
        XElement page = Page(Hostile);
        Assert.That(page.Descendants("script"), Is.Empty);
        Assert.That(page.Descendants("h2").Single().Value, Is.EqualTo("<script>alert(\"1\")</script>&\ufffd\ufffd"));
        Assert.That(
            page.Descendants("li").Select(item => item.Value),
            Has.Some.EqualTo("<script>alert(\"1\")</script>&\ufffd\ufffd"));
    }

    [Test]
    public void Page_is_self_contained()
    {
        XElement page = Page("web");
        IEnumerable<string> linking = page.DescendantsAndSelf().Attributes()
            .Where(attribute => !attribute.IsNamespaceDeclaration)
            .Select(attribute => attribute.Name.LocalName);
        Assert.That(linking, Has.None.AnyOf("src", "href", "srcset", "action"));
        Assert.That(page.Descendants("style").Single().Value, Does.Not.Contain("url(").And.Not.Contains("@import"));
    }

    [Test]
    public void Page_has_a_dark_mode() =>
        Assert.That(Page("web").Descendants("style").Single().Value, Does.Contain("prefers-color-scheme: dark"));

    [Test]
    public void Each_policy_has_a_table_row_and_a_column_of_plots()
    {
        XElement[] tables = [.. Page("web").Descendants("table")];
        string[] names = ["static", "fair-share"];
        Assert.That(tables[0].Elements("tr").Skip(1).Select(row => row.Element("th")!.Value), Is.EqualTo(names));
        Assert.That(
            tables[1].Elements("tr").First().Elements("th").Skip(1).Select(head => head.Value), Is.EqualTo(names));
        Assert.That(
            tables[1].Elements("tr").Skip(1).Select(row => row.Descendants(Svg + "svg").Count()), Is.All.EqualTo(2));
    }

    [Test]
    public void Plots_in_a_row_have_the_same_axes()
    {
        foreach (XElement row in Page("web").Descendants("table").Last().Elements("tr").Skip(1))
        {
            string[] axes =
            [
                .. row
                    .Descendants(Svg + "svg")
                    .Select(plot => plot.Elements(Svg + "text"))
                    .Select(texts => texts.Select(text => $"{text.Attribute("y")!.Value} {text.Value};"))
                    .Select(axis => string.Concat(axis)),
            ];
            Assert.That(axes, Has.Length.EqualTo(2).And.All.EqualTo(axes[0]));
        }
    }

    [Test]
    public void Lines_stay_within_their_plot()
    {
        foreach (XElement path in Page("web").Descendants(Svg + "path"))
        {
            double[] numbers =
            [
                .. path
                    .Attribute("d")!.Value
                    .Split(['M', 'L', 'Z', ' '], StringSplitOptions.RemoveEmptyEntries)
                    .Select(text => double.Parse(text, CultureInfo.InvariantCulture)),
            ];
            Assert.That(numbers, Is.All.InRange(0, Axes.Left + Axes.Width));
        }
    }

    [Test]
    public void Page_shows_pass_lines_with_their_outcome() =>
        Assert.That(
            Page("web").Descendants("li").Select(item => item.Value),
            Has.Some.EqualTo("passstatic oom = 0 measured 0"));

    [TestCase(0, 1)]
    [TestCase(7, 8)]
    [TestCase(1200, 1500)]
    [TestCase(0.011, 0.015)]
    [TestCase(100, 100)]
    public void Axis_ends_at_a_round_number(double most, double end) =>
        Assert.That(Axes.RoundUp(most), Is.EqualTo(end).Within(1e-9));

    private static XElement Page(string name)
    {
        var scenario = new Scenario
        {
            Name = name,
            HostTotal = KiB.FromMiB(4096),
            Guests = [Guest(name), Guest("other")],
            PassLines = ["static oom = 0"],
        };
        PolicyEntry[] policies =
        [
            .. new[] { "static", "fair-share" }
                .Select(policy => PolicyCatalog.All.Single(entry => entry.Name == policy)),
        ];
        Judgement judgement = Judge.Run(
            scenario, new JudgeOptions { Policies = [.. policies], Seeds = 2, Duration = TimeSpan.FromSeconds(30) });
        using var reader = XmlReader.Create(
            new StringReader(ReportPage.Of([judgement])),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }

    private static GuestDescription Guest(string name) =>
        new() { Name = name, BootMemory = KiB.FromMiB(512), StaticMax = KiB.FromMiB(2048) };
}
