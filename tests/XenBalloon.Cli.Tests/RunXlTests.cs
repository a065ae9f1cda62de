using System.Diagnostics;
using System.Security.Cryptography;
using XenBalloon.Cli.Tests.Toolstack;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>
/// <c>xenballoon run</c> and <c>need</c> with xl commands, the wrapper of xl, and the hook of libvirt, on a simulated
/// host.
/// </summary>
internal sealed class RunXlTests
{
    private const string Banner = "xl migration receiver ready, send binary domain data.\n";

    private const string LeftAlone = "left alone: it is being saved or migrated";

    private SimulatedDaemon daemon = null!;
    private FakeXl xl = null!;

    /// <summary>The directory of the wrapper and of the hook.</summary>
    private static string InitXl => $"{Repository.Root}/init/xl";

    private static string TestDirectory => TestContext.CurrentContext.TestDirectory;

    /// <summary>An environment whose PATH has the wrapper before xl, as the drop-in for xendomains sets it.</summary>
    private Dictionary<string, string?> Wrapped => new(daemon.Environment)
    {
        ["PATH"] = $"{InitXl}:{xl.Directory}:{TestDirectory}:/usr/bin:/bin",
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
    public void Need_of_a_configuration_is_reserved_for_its_domain()
    {
        Command ran = Run("create", "-q", "web.cfg", "vcpus=2");

        Assert.That(ran.Status, Is.EqualTo(6));
        Assert.That(ran.Error, Does.Match(SimulatedDaemon.OnlyProgress));
        Assert.That(ran.Output, Does.StartWith("xl create -q web.cfg vcpus=2\n"));
        Assert.That(ran.Output, Does.Match(@"(?m)^ *\d+  ready +132 MiB +132 MiB +132 MiB  web "));
    }

    [Test]
    public void Need_of_a_saved_domain_is_read_from_its_file()
    {
        Command ran = Run("restore", "-p", xl.Saved);

        Assert.That(ran.Output, Does.StartWith($"xl restore -p {xl.Saved}\n"));
        Assert.That(ran.Output, Does.Match(@"(?m)^ *\d+  ready +98 MiB +98 MiB +98 MiB  saved "));
    }

    [Test]
    public void Configuration_file_overrides_the_saved_configuration() =>
        Assert.That(Run("restore", "web.cfg", xl.Saved).Output, Does.Match(@"(?m)^ *\d+  ready +132 MiB .* web "));

    [Test]
    public void Invalid_configuration_is_left_to_xl()
    {
        Command ran = Run("create", "broken.cfg");

        const string NoReservations = "ID  State  Held  Min  Max  For  Owner  Persistent  Reason\n";
        Assert.That((ran.Status, ran.Output), Is.EqualTo((6, "xl create broken.cfg\n" + NoReservations)));
        Assert.That(ran.Error, Does.StartWith("xenballoon: no memory is set aside: '"));
        Assert.That(ran.Error, Does.EndWith("ended with status 1: broken.cfg:1: config parsing error\n"));
    }

    [Test]
    public void Invalid_saved_domain_is_left_to_xl() =>
        Assert.That(Run("restore", "/etc/passwd").Error, Does.Contain("/etc/passwd is not a domain saved by xl"));

    [Test]
    public void Given_need_is_reserved_for_the_domain_that_xl_names()
    {
        Command ran = daemon.XenBalloon("run", "--need", "64m", "--", xl.Program, "create", "web.cfg");

        Assert.That(ran.Output, Does.Match(@"(?m)^ *\d+  ready +64 MiB .* web "));
    }

    [Test]
    public void Pipe_is_left_for_xl_to_read()
    {
        string pipe = $"{daemon.Directory}/f", run = $"{SimulatedDaemon.Program} run -- {xl.Program}";

        Command ran = Shell($"mkfifo {pipe}; echo memory > {pipe} & {run} create {pipe}; cat {pipe}");

        Assert.That(ran.Output, Does.StartWith("xl create ").And.EndWith("\nmemory\n"));
        Assert.That(ran.Error, Does.Contain("through a pipe, which can be read only once"));
    }

    [Test]
    public void Command_that_starts_no_domain_is_run_unchanged() =>
        Assert.That(Run("list").Output, Does.StartWith("xl list\n"));

    [Test]
    public void Need_is_shown_with_what_it_is_for()
    {
        Assert.That(Need("create", "web.cfg"), Is.EqualTo(
            new Command(0, "web needs 132 MiB: memory 128 MiB, paging 2 MiB, structures 2 MiB\n", "")));
        string json = daemon.XenBalloon("need", "--json", "--", xl.Program, "restore", xl.Saved).Output;
        Assert.That(json, Does.Contain("\"need_kib\": 100352,").And.Contain("\"paging_kib\": 0,"));
        Assert.That(
            Need("list").Error,
            Does.EndWith(" list' does not start a domain: expected xl create or xl restore\n"));
        Assert.That(daemon.XenBalloon("need").Error, Does.Contain("expected either an xl command or --libvirt"));
    }

    [Test]
    public void Incoming_domain_waits_for_its_memory_and_passes_unchanged()
    {
        IEnumerable<byte> memory = Enumerable.Range(0, 3_000_000).Select(i => (byte)((i * 31) >> 3));
        byte[] sent = [.. SavedFile.Of(SavedFile.Configuration), .. memory];
        xl.Write($$"""
            printf '{{Banner}}'
            head -c {{sent.Length}} | sha256sum | cut -d' ' -f1
            {{SimulatedDaemon.Program}} reservations
            read word; echo "said $word"
            exit 3
            """);
        var start = new ProcessStartInfo(SimulatedDaemon.Program, ["run", "--", xl.Program, "migrate-receive"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
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
    public void Invalid_incoming_data_is_left_to_xl()
    {
        xl.Write($"printf '{Banner}'; cat; exit 1");

        Command ran = Shell($"printf junk | {SimulatedDaemon.Program} run -- {xl.Program} migrate-receive");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((1, Banner + "junk")));
        Assert.That(ran.Error, Does.Contain("the sender's data is not a domain saved by xl"));
    }

    [TestCase("xl save web1 /tmp/file")]
    [TestCase("xl sa -p web1 /tmp/file")]
    [TestCase("xen -v migrate -s rsh web1 host")]
    public void Domain_is_left_alone_while_it_is_saved_or_migrated(string typed)
    {
        xl.Write($"{SimulatedDaemon.Program} explain web1; exit 3");
        File.WriteAllText(Path.Combine(xl.Directory, "xen"), "#!/bin/sh\nexec xl \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(xl.Directory, "xen"), (UnixFileMode)0b111_101_101);

        Command ran = Shell(typed);

        Assert.That((ran.Status, ran.Error), Is.EqualTo((3, "")));
        Assert.That(ran.Output, Does.Contain(LeftAlone));
        Eventually.Holds(
            () => !daemon.XenBalloon("explain", "web1").Output.Contains(LeftAlone, StringComparison.Ordinal),
            () => "the domain is still left alone");
    }

    [Test]
    public void Domain_is_saved_without_a_daemon()
    {
        daemon.Kill();

        Command ran = Run("save", "web", "/tmp/file");

        Assert.That(ran.Output, Does.StartWith("xl save web /tmp/file\n"));
        Assert.That(ran.Error, Does.Match(
            @"\Axenballoon: the domain's memory may change meanwhile: xenballoond does not run[^\n]*\n"));
    }

    [Test]
    public void Domain_that_does_not_exist_is_left_to_xl()
    {
        Command ran = Run("migrate", "nobody", "host");

        Assert.That(ran.Output, Does.StartWith("xl migrate nobody host\n"));
        Assert.That(ran.Error, Does.Contain("may change meanwhile: no domain 'nobody'"));
    }

    [TestCase("xl create web.cfg", "xl create web.cfg")]
    [TestCase("xen create web.cfg", "xl create web.cfg")]
    [TestCase("xl -v cr web.cfg", "xl -v cr web.cfg")]
    public void Wrapper_reserves_memory_for_commands_that_start_a_domain(string typed, string run)
    {
        File.WriteAllText(Path.Combine(xl.Directory, "xen"), "#!/bin/sh\nexec xl \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(xl.Directory, "xen"), (UnixFileMode)0b111_101_101);

        Command ran = Shell(typed);

        Assert.That(ran.Status, Is.EqualTo(6));
        Assert.That(ran.Error, Does.Match(SimulatedDaemon.OnlyProgress));
        Assert.That(ran.Output, Does.StartWith(run + "\n").And.Contain(" web "));
    }

    [Test]
    public void Copied_wrapper_finds_xl_and_passes_arguments_byte_for_byte()
    {
        Directory.CreateDirectory(Path.Combine(daemon.Directory, "copy/xl-is-a-directory/xl"));
        File.Copy($"{InitXl}/xl", Path.Combine(daemon.Directory, "copy/xl"));
        string copies = $"{daemon.Directory}/copy/xl-is-a-directory:{daemon.Directory}/copy";
        string path = $"{copies}:{InitXl}:{xl.Directory}:{TestDirectory}:/usr/bin:/bin";

        Command created = Shell($"PATH={path} xl=/bin/false xl create web.cfg");
        Assert.That(created.Output, Does.StartWith("xl create web.cfg\n").And.Contain(" web "));
        Command bytes = Shell($"PATH={path} xl create $'caf\\xe9.cfg' | head -n 1 | od -An -tx1");
        Assert.That(bytes.Output, Does.Contain("63 61 66 e9 2e"));
    }

    [Test]
    public void Wrapper_passes_other_commands_to_xl()
    {
        Assert.That(Shell("xl list 'a b'").Output, Does.StartWith("xl list a b\n"));
        string path = $"{InitXl}:/usr/bin:/bin";
        Assert.That(Shell($"PATH={path} xl list"), Is.EqualTo(
            new Command(127, "", $"{InitXl}/xl: no other xl in PATH ({path})\n")));
        Command created = Shell($"PATH={InitXl}:{xl.Directory}:/usr/bin:/bin xl create web.cfg");
        Assert.That(created.Output, Does.StartWith("xl create web.cfg\n"), "without xenballoon");
    }

    [Test]
    public void Libvirt_hook_reserves_memory_and_releases_it_if_the_guest_does_not_start()
    {
        Assert.That(Hook("prepare begin", mib: 256), Is.EqualTo(new Command(0, "", "")));
        Assert.That(
            daemon.XenBalloon("reservations").Output,
            Does.Match(@"(?m)^ *\d+  ready +258 MiB .* guest .* yes "));

        Assert.That(Hook("release end", mib: 256).Status, Is.Zero);
        Assert.That(daemon.OpenReservations(), Is.Empty);
    }

    [Test]
    public void Libvirt_hook_refuses_a_guest_that_does_not_fit_with_the_reason()
    {
        Command refused = Hook("prepare begin", mib: 100_000);

        Assert.That(refused.Status, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain(": this host has "));
    }

    [Test]
    public void Reservation_of_an_interrupted_start_is_released_by_the_next()
    {
        Hook("prepare begin", mib: 64);
        Hook("prepare begin", mib: 256);

        Assert.That(daemon.OpenReservations(), Has.Length.EqualTo(1));
        Hook("started begin", mib: 256);
        Assert.That(daemon.OpenReservations(), Is.Empty);
    }

    [Test]
    public void Libvirt_hook_accepts_guests_that_are_not_balanced_or_not_understood()
    {
        Command nonsense = Shell($"echo '<nonsense>' | {InitXl}/libvirt-hook guest prepare begin -");
        Assert.That(nonsense.Status, Is.Zero);
        daemon.XenBalloon("mode", "observe");
        Assert.That(Hook("prepare begin", mib: 100_000), Is.EqualTo(new Command(0, "", "")));
    }

    [Test]
    public void Libvirt_hook_accepts_guests_without_a_daemon()
    {
        daemon.Kill();

        Assert.That(Hook("prepare begin", mib: 256).Status, Is.Zero);
    }

    private Command Run(params string[] arguments) => daemon.XenBalloon(["run", "--", xl.Program, .. arguments]);

    private Command Need(params string[] arguments) => daemon.XenBalloon(["need", "--", xl.Program, .. arguments]);

    private Command Hook(string operation, int mib)
    {
        string memory = $"<memory unit='MiB'>{mib}</memory>";
        string xml = $"<domain><name>guest</name>{memory}<os><type>linux</type></os></domain>";
        return Shell($"echo \"{xml}\" | {InitXl}/libvirt-hook guest {operation} -");
    }

    private Command Shell(string script) => Command.Run("bash", ["--norc", "-c", script], Wrapped);
}

/// <summary>
/// A substitute for xl, which does not run without Xen. With <c>-n</c> it prints a configuration, otherwise its
/// arguments and the open reservations.
/// </summary>
internal sealed class FakeXl
{
    internal FakeXl(string directory)
    {
        Directory = System.IO.Directory.CreateDirectory(Path.Combine(directory, "sbin")).FullName;
        Program = Path.Combine(Directory, "xl");
        Saved = Path.Combine(directory, "web.save");
        File.WriteAllBytes(Saved, SavedFile.Of(SavedFile.Configuration));
        Write($$"""
            case " $* " in
              *broken*" -n "*) echo "broken.cfg:1: config parsing error" >&2; exit 1 ;;
              *" -n "*)
                echo '{ "c_info": { "type": "pvh", "name": "web" },'
                echo '  "b_info": { "max_memkb": 262144, "target_memkb": 131072 } }'
                exit 0 ;;
            esac
            echo "xl $*"
            {{SimulatedDaemon.Program}} reservations
            exit 6
            """);
    }

    /// <summary>The directory of the program.</summary>
    internal string Directory { get; }

    /// <summary>The program.</summary>
    internal string Program { get; }

    /// <summary>A saved domain of 96 MiB, called <c>saved</c>.</summary>
    internal string Saved { get; }

    /// <summary>Replaces the program by another script.</summary>
    internal void Write(string script)
    {
        File.WriteAllText(Program, $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(Program, (UnixFileMode)0b111_101_101);
    }
}
