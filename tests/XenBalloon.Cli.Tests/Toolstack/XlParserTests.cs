using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>What is understood of configurations and command lines, by Debian's own xl.</summary>
internal sealed class XlParserTests
{
    private TemporaryFile configuration = null!;

    [SetUp]
    public void Write() => configuration = new TemporaryFile(".cfg", """
        # The last word counts.
        name = "web"; type = "pvh"
        memory = 64
        memory = 0x80
        maxmem = 512
        vcpus = 3
        kernel = "/boot/vmlinuz"
        disk = [ "phy:/dev/vg/web,xvda,w",
                 "file:/tmp/a,xvdb,r" ]
        """);

    [TearDown]
    public void Delete() => configuration.Dispose();

    [TestCase("create FILE")]
    [TestCase("create FILE -q")]
    [TestCase("create -q FILE")]
    [TestCase("create --quiet --defconfig FILE")]
    [TestCase("create -qf FILE")]
    [TestCase("create FILE -c -F")]
    [TestCase("-v cr FILE")]
    [TestCase("create FILE extra=\"quiet\"")]
    public void A_configuration_is_what_xl_takes_it_for_wherever_its_name_stands(string line) => Assert.That(Ask(line), Is.EqualTo(new DomainConfiguration
    {
        Name = "web",
        Type = DomainKind.Hvm,
        Memory = KiB.FromMiB(128),
        MaxMem = KiB.FromMiB(512),
        Vcpus = 3,
    }));

    [TestCase("create FILE memory=256")]
    [TestCase("create FILE -q memory=256")]
    [TestCase("create memory=256 FILE")]
    [TestCase("create -q memory=256 FILE")]
    public void What_is_said_on_the_command_line_counts(string line) => Assert.That(Ask(line).Memory, Is.EqualTo(KiB.FromMiB(256)));

    [Test]
    public void A_whole_configuration_on_the_command_line_does_too() =>
        Assert.That(XlParser.Ask(XlCommandLine.Of([RealXl.Program, "create", "/dev/null", "name='x'; memory=96; kernel='/k'"])!.AsDryRun()).Memory, Is.EqualTo(KiB.FromMiB(96)));

    [TestCase("create /nowhere.cfg", "Failed to read config file")]
    [TestCase("create FILE memory=", "ended with status")]
    [TestCase("create FILE --frob", "ended with status")]
    public void What_xl_does_not_understand_is_refused_with_what_xl_says(string line, string said) =>
        Assert.That(() => Ask(line), Throws.TypeOf<ToolstackException>().With.Message.StartsWith($"'{RealXl.Program} create ").And.Message.Contains(said));

    private DomainConfiguration Ask(string line) => XlParser.Ask(XlCommandLine.Of([RealXl.Program, .. line.Replace("FILE", configuration.Path, StringComparison.Ordinal).Split(' ')])!.AsDryRun());
}
