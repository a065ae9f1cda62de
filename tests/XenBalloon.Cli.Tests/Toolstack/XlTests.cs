using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>Configurations read by Debian's own xl.</summary>
internal sealed class XlParserTests
{
    private TemporaryFile configuration = null!;

    [SetUp]
    public void Write() => configuration = new TemporaryFile(".cfg", """
        # The last value counts.
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
    public void Configuration_file_is_read_by_xl_in_any_position(string line) =>
        Assert.That(Read(line), Is.EqualTo(new DomainConfiguration
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
    public void Settings_on_the_command_line_override_the_file(string line) =>
        Assert.That(Read(line).Memory, Is.EqualTo(KiB.FromMiB(256)));

    [Test]
    public void Configuration_may_be_given_on_the_command_line_alone()
    {
        DomainConfiguration domain = Read("create", "/dev/null", "name='x'; memory=96; kernel='/k'");

        Assert.That(domain.Memory, Is.EqualTo(KiB.FromMiB(96)));
    }

    [TestCase("create /nowhere.cfg", "Failed to read config file")]
    [TestCase("create FILE memory=", "ended with status")]
    [TestCase("create FILE --frob", "ended with status")]
    public void Invalid_configuration_is_refused_with_the_error_of_xl(string line, string error) =>
        Assert.That(() => Read(line), Throws.TypeOf<ToolstackException>()
            .With.Message.StartsWith($"'{RealXl.Program} create ").And.Message.Contains(error));

    private DomainConfiguration Read(string line) =>
        Read(line.Replace("FILE", configuration.Path, StringComparison.Ordinal).Split(' '));

    private static DomainConfiguration Read(params string[] arguments) =>
        DomainPlan.Read(XlCommandLine.Of([RealXl.Program, .. arguments])!);
}

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
    public void Commands_that_start_a_domain_are_recognized(string line, XlStart start) =>
        Assert.That(XlCommandLine.Of(line.Split(' '))!.Start, Is.EqualTo(start));

    [TestCase("xl save web /var/lib/xen/save/web", "web")]
    [TestCase("xl -v sa -c 12 file config", "12")]
    [TestCase("xl migrate web host", "web")]
    [TestCase("xl migrate --live -s ssh\u00a0-p\u00a022 -e web host", "web")]
    [TestCase("xl migrate -sssh -C new.cfg web host", "web")]
    [TestCase("xl migrate -eC new.cfg web host", "web")]
    [TestCase("xl migrate -Cs web host", "web")]
    [TestCase("xl migrate -- -web host", "-web")]
    [TestCase("xl migrate", null)]
    [TestCase("xl migrate -s", null)]
    [TestCase("xl migrate --", null)]
    [TestCase("xl migrat web host", null)]
    [TestCase("xl migrate-receive", null)]
    [TestCase("xl s web", null)]
    [TestCase("xl saves web", null)]
    [TestCase("xl list web", null)]
    [TestCase("xl", null)]
    public void Domain_that_a_command_sends_away_is_recognized(string line, string? domain) =>
        Assert.That(XlCommandLine.Of(line.Split(' '))!.SentDomain, Is.EqualTo(domain));

    [TestCase("virsh create web.xml")]
    [TestCase("./xlx create web.cfg")]
    public void Other_programs_are_not_taken_for_xl(string line) =>
        Assert.That(XlCommandLine.Of(line.Split(' ')), Is.Null);

    [TestCase("/usr/sbin/xl -v create -q web.cfg memory=512", "/usr/sbin/xl -v create -n -q web.cfg memory=512")]
    [TestCase("xl create web.cfg -c memory=512", "xl create web.cfg -n -c memory=512")]
    [TestCase("xl cr name=\"x\" web.cfg", "xl cr -n name=\"x\" web.cfg")]
    public void Dry_run_is_the_same_command_with_its_option(string line, string dryRun) =>
        Assert.That(XlCommandLine.Of(line.Split(' '))!.AsDryRun(), Is.EqualTo(dryRun.Split(' ')));
}

/// <summary>
/// Debian's own xl on a machine without Xen: <c>tests/xl/no-xen.c</c> substitutes the hypervisor, as far as xl needs it
/// to read configurations.
/// </summary>
internal static class RealXl
{
    private static readonly Lazy<string> Made = new(Make);

    /// <summary>The program.</summary>
    internal static string Program => Made.Value;

    private static string Make()
    {
        string root = Run(Path.Combine(Repository.Root, "tests/xenstored/fetch")).TrimEnd();
        string xl = Directory.GetFiles(root, "xl", SearchOption.AllDirectories)
            .Single(path => path.Contains("/bin/", StringComparison.Ordinal));
        string[] libxl = Directory.GetFiles(root, "libxenlight.so.*", SearchOption.AllDirectories);
        string libraries = Path.GetDirectoryName(libxl[0])!;
        string home = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "real-xl")).FullName;
        string preloaded = Path.Combine(home, "no-xen.so"), program = Path.Combine(home, "xl");
        string source = Path.Combine(Repository.Root, "tests/xl/no-xen.c");
        Run("gcc", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", preloaded, source);
        string environment = $"LD_PRELOAD={preloaded} LD_LIBRARY_PATH={libraries}";
        File.WriteAllText(program, $"#!/bin/sh\n{environment} exec {xl} \"$@\"\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        return program;
    }

    private static string Run(string program, params string[] arguments)
    {
        Command command = Command.Run(program, arguments);
        return command.Status == 0
            ? command.Output
            : throw new InvalidOperationException($"{program}: {command.Error}");
    }
}
