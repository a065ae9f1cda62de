using XenBalloon.Daemon.Dom0;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Dom0;

/// <summary>xl's syntax, as xl reads it.</summary>
public sealed class XlConfigurationTests
{
    [TestCase("autoballoon=\"off\"\n", "off")]
    [TestCase("autoballoon='off'\n", "off")]
    [TestCase("autoballoon = 0", "0")]
    [TestCase("\tautoballoon\t=\t0x1f\t\n", "0x1f")]
    [TestCase("# autoballoon=\"on\"\nautoballoon=\"off\" # as recommended\n", "off")]
    [TestCase("lockfile=\"/run/#lock\"; autoballoon=\"off\"\n", "off")]
    [TestCase("autoballoon=\"on\"\nautoballoon=\"off\"\n", "off")]
    [TestCase("autoballoon=\"o\"\nautoballoon+=\"ff\"\n", "off")]
    [TestCase("autoballoon+=\"off\"\n", "off")]
    [TestCase("autoballoon=\"o\\\"f\\\\f\"\n", "o\"f\\f")]
    [TestCase("vif=[\n 'a', # first\n [1,2],\n]\nautoballoon=\"off\"\n", "off")]
    [TestCase("vif=[]\n;;\n\nautoballoon=\"off\"\n", "off")]
    [TestCase("autoballoon=[\"off\"]\n", null)]
    [TestCase("autoballoons=\"off\"\n", null)]
    [TestCase("", null)]
    public void Value_is_found_as_xl_finds_it(string text, string? value)
    {
        XlConfiguration read = XlConfiguration.Parse(text);

        Assert.That((read.Fault, read.Find("autoballoon")), Is.EqualTo(((string?)null, value)));
    }

    [Test]
    public void Pipe_is_not_waited_for()
    {
        using var folder = new TemporaryFolder();
        string pipe = Path.Combine(folder.Path, "xl.conf");
        Assert.That(Command.Run("mkfifo", [pipe]).Status, Is.Zero);

        Assert.That(Dom0Facts.Text(pipe), Is.Null);
    }

    [TestCase("autoballoon=off\n", "line 1: expected a number, a string in quotes or a list")]
    [TestCase("autoballoon=\"off\" lockfile=\"x\"\n", "line 1: expected NAME = VALUE")]
    [TestCase("\n\n# a\nautoballoon \"off\"\n", "line 4: expected '=' after 'autoballoon'")]
    [TestCase("a=1\nautoballoon=\"off\n", "line 2: unclosed string")]
    [TestCase("a=\"\\q\"\n", "line 1: unknown escape '\\q'")]
    [TestCase("a=[1 2]\n", "line 1: expected ',' or ']'")]
    [TestCase("a=[1,\n", "line 2: expected a number, a string in quotes or a list")]
    [TestCase("a=1\na+=[2]\n", "line 2: a list and a string cannot be joined")]
    [TestCase("a=-1\n", "line 1: character that xl does not expect")]
    [TestCase("Autoballoon=0\n", "line 1: character that xl does not expect")]
    [TestCase("a=1\n# end", "line 2: a comment at the end needs a line break after it")]
    public void File_that_xl_refuses_has_a_fault_with_its_line(string text, string fault)
    {
        XlConfiguration read = XlConfiguration.Parse(text);

        Assert.That(read.Fault, Does.StartWith(fault));
        Assert.That(read.Find("a"), Is.Null);
    }
}
