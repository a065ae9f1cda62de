using XenBalloon.Cli.Toolstack;

namespace XenBalloon.Cli.Tests.Toolstack;

internal sealed class XlCommandLineTests
{
    [TestCase("xl create web.cfg", XlStart.Create)]
    [TestCase("/usr/sbin/xl -v create -q --defconfig web.cfg memory=512", XlStart.Create)]
    [TestCase("xen cr web.cfg", XlStart.Create)]
    [TestCase("xl rest -p web.save", XlStart.Restore)]
    [TestCase("xl migrate-r", XlStart.MigrateReceive)]
    [TestCase("xl migrate web host", XlStart.None)]
    [TestCase("xl c web", XlStart.None)]
    [TestCase("xl res web", XlStart.None)]
    [TestCase("xl creates web", XlStart.None)]
    [TestCase("xl list", XlStart.None)]
    [TestCase("xl", XlStart.None)]
    [TestCase("xl -N create web.cfg", XlStart.None)]
    [TestCase("xl create -qn web.cfg", XlStart.None)]
    [TestCase("xl create --dryrun web.cfg", XlStart.None)]
    [TestCase("xl create --help", XlStart.None)]
    [TestCase("xl create --dry web.cfg", XlStart.None)]
    [TestCase("xl create --defconfig=net.cfg", XlStart.Create)]
    [TestCase("xl create -fnet.cfg", XlStart.Create)]
    [TestCase("xl create -nfweb.cfg", XlStart.None)]
    public void It_is_told_what_starts_a_domain(string line, XlStart start) => Assert.That(XlCommandLine.Of(line.Split(' '))!.Start, Is.EqualTo(start));

    [TestCase("virsh create web.xml")]
    [TestCase("./xlx create web.cfg")]
    public void What_is_not_xl_is_told_too(string line) => Assert.That(XlCommandLine.Of(line.Split(' ')), Is.Null);

    [TestCase("/usr/sbin/xl -v create -q web.cfg memory=512", "/usr/sbin/xl -v create -n -q web.cfg memory=512")]
    [TestCase("xl create web.cfg -c memory=512", "xl create web.cfg -n -c memory=512")]
    [TestCase("xl cr name=\"x\" web.cfg", "xl cr -n name=\"x\" web.cfg")]
    public void The_dry_run_is_the_same_command_that_creates_nothing(string line, string dry) => Assert.That(XlCommandLine.Of(line.Split(' '))!.AsDryRun(), Is.EqualTo(dry.Split(' ')));
}
