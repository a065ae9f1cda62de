using System.Diagnostics;
using System.Security.Cryptography;
using XenBalloon.Cli.Tests.Toolstack;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary><c>xenballoon run</c> and <c>need</c> with commands of xl's, the wrapper that sends them there, and libvirt's hook, on the simulated host.</summary>
internal sealed class RunXlTests
{
    private const string Banner = "xl migration receiver ready, send binary domain data.\n";

    private SimulatedDaemon daemon = null!;
    private FakeXl xl = null!;

    /// <summary>Where the wrapper comes before xl, as the drop-in for xendomains has it, and the command can be found.</summary>
    private Dictionary<string, string?> Wrapped => new(daemon.Environment)
    {
        ["PATH"] = $"{Repository.Root}/init/xl:{xl.Directory}:{TestContext.CurrentContext.TestDirectory}:/usr/bin:/bin",
    };

    [SetUp]
    public void Start()
    {
        daemon = new SimulatedDaemon();
        xl = new FakeXl(daemon.Directory);
    }

    [TearDown]
    public void Stop() => daemon.Dispose();

    [Test]
    public void What_xl_says_that_a_configuration_takes_is_set_aside_for_its_domain()
    {
        Command ran = Run("create", "-q", "web.cfg", "vcpus=2");

        Assert.That(ran.Status, Is.EqualTo(6));
        Assert.That(ran.Error, Does.Match(SimulatedDaemon.OnlyProgress));
        Assert.That(ran.Output, Does.StartWith("xl create -q web.cfg vcpus=2\n").And.Match(@"(?m)^ *\d+  ready +132 MiB +132 MiB +132 MiB  web "));
    }

    [Test]
    public void A_saved_domain_says_itself_what_it_takes() =>
        Assert.That(Run("restore", "-p", xl.Saved).Output, Does.StartWith($"xl restore -p {xl.Saved}\n").And.Match(@"(?m)^ *\d+  ready +98 MiB +98 MiB +98 MiB  saved "));

    [Test]
    public void A_configuration_given_beside_it_goes_before_the_saved_one() =>
        Assert.That(Run("restore", "web.cfg", xl.Saved).Output, Does.Match(@"(?m)^ *\d+  ready +132 MiB .* web "));

    [Test]
    public void What_xl_does_not_understand_is_left_to_xl_to_complain_of()
    {
        Command ran = Run("create", "broken.cfg");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((6, "xl create broken.cfg\nID  State  Held  Min  Max  For  Owner  Persistent  Reason\n")));
        Assert.That(ran.Error, Does.StartWith("xenballoon: no memory is set aside: '").And.EndWith("ended with status 1: broken.cfg:1: config parsing error\n"));
    }

    [Test]
    public void A_saved_domain_that_is_none_is_left_to_xl_too() =>
        Assert.That(Run("restore", "/etc/passwd").Error, Does.Contain("/etc/passwd is not a domain saved by xl"));

    [Test]
    public void Told_how_much_it_takes_the_command_is_asked_for_which_domain_it_starts() =>
        Assert.That(daemon.XenBalloon("run", "--need", "64m", "--", xl.Program, "create", "web.cfg").Output, Does.Match(@"(?m)^ *\d+  ready +64 MiB .* web "));

    [Test]
    public void What_comes_through_a_pipe_is_left_for_xl_to_read()
    {
        Command ran = Shell($"mkfifo {daemon.Directory}/f; echo memory > {daemon.Directory}/f & {SimulatedDaemon.Program} run -- {xl.Program} create {daemon.Directory}/f; cat {daemon.Directory}/f");

        Assert.That(ran.Output, Does.StartWith("xl create ").And.EndWith("\nmemory\n"));
        Assert.That(ran.Error, Does.Contain("in a pipe, which can be read only once"));
    }

    [Test]
    public void What_starts_no_domain_is_run_as_it_is() => Assert.That(Run("list").Output, Does.StartWith("xl list\n"));

    [Test]
    public void The_need_is_told_with_its_parts()
    {
        Assert.That(Need("create", "web.cfg"), Is.EqualTo(new Command(0, "web takes 132 MiB: memory 128 MiB, paging 2 MiB, structures 2 MiB\n", "")));
        Assert.That(daemon.XenBalloon("need", "--json", "--", xl.Program, "restore", xl.Saved).Output, Does.Contain("\"need_kib\": 100352,").And.Contain("\"paging_kib\": 0,"));
        Assert.That(Need("list").Error, Does.EndWith(" list' does not start a domain: expected xl create or xl restore\n"));
        Assert.That(daemon.XenBalloon("need").Error, Does.Contain("expected either an xl command or --libvirt"));
    }

    [Test]
    public void An_incoming_domain_waits_for_its_memory_and_then_all_goes_through_unchanged()
    {
        byte[] sent = [.. SavedFile.Of(SavedFile.Configuration), .. Enumerable.Range(0, 3_000_000).Select(i => (byte)((i * 31) >> 3))];
        xl.Write($$"""
            printf '{{Banner}}'
            head -c {{sent.Length}} | sha256sum | cut -d' ' -f1
            {{SimulatedDaemon.Program}} reservations
            read word; echo "said $word"
            exit 3
            """);
        var start = new ProcessStartInfo(SimulatedDaemon.Program, ["run", "--", xl.Program, "migrate-receive"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((string name, string? value) in daemon.Environment) start.Environment[name] = value;
        using Process receiver = Process.Start(start)!;

        Assert.That(receiver.StandardOutput.ReadLine() + '\n', Is.EqualTo(Banner), "before anything is sent");
        receiver.StandardInput.BaseStream.Write(sent);
        receiver.StandardInput.BaseStream.Flush();
        Assert.That(receiver.StandardOutput.ReadLine(), Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(sent))));
        Assert.That(receiver.StandardOutput.ReadLine(), Does.StartWith("ID "));
        Assert.That(receiver.StandardOutput.ReadLine(), Does.Contain(" saved "));
        receiver.StandardInput.Write("go\n");
        receiver.StandardInput.Flush();

        Assert.That(receiver.StandardOutput.ReadToEnd(), Is.EqualTo("said go\n"));
        receiver.WaitForExit();
        Assert.That(receiver.ExitCode, Is.EqualTo(3));
    }

    [Test]
    public void What_comes_in_that_is_no_domain_is_left_to_xl()
    {
        xl.Write($"printf '{Banner}'; cat; exit 1");

        Command ran = Shell($"printf junk | {SimulatedDaemon.Program} run -- {xl.Program} migrate-receive");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((1, Banner + "junk")));
        Assert.That(ran.Error, Does.Contain("what the sender sends is not a domain saved by xl"));
    }

    [TestCase("xl create web.cfg", "xl create web.cfg")]
    [TestCase("xen create web.cfg", "xl create web.cfg")]
    [TestCase("xl -v cr web.cfg", "xl -v cr web.cfg")]
    public void Through_the_wrapper_memory_is_set_aside_for_what_starts_a_domain(string typed, string run)
    {
        File.WriteAllText(Path.Combine(xl.Directory, "xen"), "#!/bin/sh\nexec xl \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(xl.Directory, "xen"), (UnixFileMode)0b111_101_101);

        Command ran = Shell(typed);

        Assert.That(ran.Status, Is.EqualTo(6));
        Assert.That(ran.Error, Does.Match(SimulatedDaemon.OnlyProgress));
        Assert.That(ran.Output, Does.StartWith(run + "\n").And.Contain(" web "));
    }

    [Test]
    public void Copies_of_the_wrapper_find_xl_and_what_is_no_text_gets_through_byte_for_byte()
    {
        Directory.CreateDirectory(Path.Combine(daemon.Directory, "copy/xl-is-a-directory/xl"));
        File.Copy(Path.Combine(Repository.Root, "init/xl/xl"), Path.Combine(daemon.Directory, "copy/xl"));
        string path = $"{daemon.Directory}/copy/xl-is-a-directory:{daemon.Directory}/copy:{Repository.Root}/init/xl:{xl.Directory}:{TestContext.CurrentContext.TestDirectory}:/usr/bin:/bin";

        Assert.That(Shell($"PATH={path} xl=/bin/false xl create web.cfg").Output, Does.StartWith("xl create web.cfg\n").And.Contain(" web "));
        Assert.That(Shell($"PATH={path} xl create $'caf\\xe9.cfg' | head -n 1 | od -An -tx1").Output, Does.Contain("63 61 66 e9 2e"));
    }

    [Test]
    public void Through_the_wrapper_all_else_is_xls()
    {
        Assert.That(Shell("xl list 'a b'").Output, Does.StartWith("xl list a b\n"));
        Assert.That(Shell($"PATH={Repository.Root}/init/xl:/usr/bin:/bin xl list"), Is.EqualTo(new Command(127, "", $"{Repository.Root}/init/xl/xl: there is no other xl in PATH, which is {Repository.Root}/init/xl:/usr/bin:/bin\n")));
        Assert.That(Shell($"PATH={Repository.Root}/init/xl:{xl.Directory}:/usr/bin:/bin xl create web.cfg").Output, Does.StartWith("xl create web.cfg\n"), "without xenballoon");
    }

    [Test]
    public void Libvirts_hook_sets_memory_aside_for_a_guest_and_frees_it_when_the_guest_does_not_start()
    {
        Assert.That(Hook("prepare begin", mib: 256), Is.EqualTo(new Command(0, "", "")));
        Assert.That(daemon.XenBalloon("reservations").Output, Does.Match(@"(?m)^ *\d+  ready +258 MiB .* guest .* yes "));

        Assert.That(Hook("release end", mib: 256).Status, Is.Zero);
        Assert.That(daemon.Open(), Is.Empty);
    }

    [Test]
    public void Libvirts_hook_refuses_what_does_not_fit_and_says_why()
    {
        Command refused = Hook("prepare begin", mib: 100_000);

        Assert.That(refused.Status, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain("is more than this host has"));
    }

    [Test]
    public void What_a_start_left_behind_that_was_cut_off_goes_with_the_next()
    {
        Hook("prepare begin", mib: 64);
        Hook("prepare begin", mib: 256);

        Assert.That(daemon.Open(), Has.Length.EqualTo(1));
        Hook("started begin", mib: 256);
        Assert.That(daemon.Open(), Is.Empty);
    }

    [Test]
    public void Libvirts_hook_refuses_nothing_for_want_of_balancing_or_understanding()
    {
        Assert.That(Shell($"echo '<nonsense>' | {Repository.Root}/init/xl/libvirt-hook guest prepare begin -").Status, Is.Zero);
        daemon.XenBalloon("mode", "observe");
        Assert.That(Hook("prepare begin", mib: 100_000), Is.EqualTo(new Command(0, "", "")));
    }

    [Test]
    public void Libvirts_hook_stands_in_nobodys_way_without_a_daemon()
    {
        daemon.Kill();

        Assert.That(Hook("prepare begin", mib: 256).Status, Is.Zero);
    }

    private Command Run(params string[] arguments) => daemon.XenBalloon(["run", "--", xl.Program, .. arguments]);

    private Command Need(params string[] arguments) => daemon.XenBalloon(["need", "--", xl.Program, .. arguments]);

    private Command Hook(string operation, int mib) => Shell(
        $"echo \"<domain><name>guest</name><memory unit='MiB'>{mib}</memory><os><type>linux</type></os></domain>\" | {Repository.Root}/init/xl/libvirt-hook guest {operation} -");

    private Command Shell(string script) => Command.Run("bash", ["--norc", "-c", script], Wrapped);
}
