using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary><c>xenballoon run</c> with the daemon itself, on the simulated host, where no command starts a domain: only what happens around it is seen.</summary>
internal sealed class RunTests
{
    private SimulatedDaemon daemon = null!;

    private string Marks => Path.Combine(daemon.Directory, "marks");

    [SetUp]
    public void Start() => daemon = new SimulatedDaemon();

    [TearDown]
    public void Stop() => daemon.Dispose();

    [Test]
    public void While_the_command_runs_its_memory_is_set_aside_and_then_everyones_again()
    {
        Command ran = Run("--need", "64m", "--for", "newcomer", "--", "sh", "-c", $"{SimulatedDaemon.Program} reservations; exit 7");

        Assert.That(ran.Status, Is.EqualTo(7));
        Assert.That(ran.Error, Does.Match(SimulatedDaemon.OnlyProgress));
        Assert.That(ran.Output, Does.Match(@"(?m)^ *\d+  ready +64 MiB .* newcomer "));
        Eventually.Holds(() => daemon.Open().Length == 0, () => "the reservation stays");
    }

    [Test]
    public void A_command_whose_memory_does_not_become_free_in_time_is_not_run()
    {
        Command ran = Run("--need", "6g", "--timeout", "1", "--", "touch", Marks);

        Assert.That((ran.Status, File.Exists(Marks)), Is.EqualTo((125, false)));
        Assert.That(ran.Error, Does.Match(@"(?m)^reservation \d+: gathering, all that the others can give does not reach 6144 MiB").And.Match(@"(?m)^xenballoon: the command is not run: reservation \d+ has ended \(expired\): all that the others can give does not reach 6144 MiB"));
        Assert.That(daemon.Open(), Is.Empty);
    }

    [Test]
    public void More_than_the_host_has_is_refused_at_once()
    {
        Command ran = Run("--need", "100g", "--", "touch", Marks);

        Assert.That((ran.Status, File.Exists(Marks)), Is.EqualTo((125, false)));
        Assert.That(ran.Error, Does.StartWith("xenballoon: the command is not run: 100 GiB is more than this host has"));
    }

    [Test]
    public void Without_a_daemon_the_command_is_run_as_ever()
    {
        daemon.Kill();

        Command ran = Run("--need", "64m", "--", "echo", "started");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((0, "started\n")));
        Assert.That(ran.Error, Does.Match(@"\Axenballoon: no memory is set aside: xenballoond does not run[^\n]*\n\z"));
    }

    [Test]
    public void A_daemon_that_only_looks_on_sets_aside_what_is_free_and_stands_in_nobodys_way()
    {
        using var roomy = new SimulatedDaemon("quiet");
        roomy.XenBalloon("mode", "observe");

        Assert.That(roomy.XenBalloon("run", "--need", "64m", "--", "true").Error, Is.Empty);
        Command ran = roomy.XenBalloon("run", "--need", "6g", "--", "echo", "started");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((0, "started\n")));
        Assert.That(ran.Error, Does.Contain("no memory is set aside: ").And.Contain("frees memory only in mode active"));
    }

    [Test]
    public void Who_may_not_reserve_may_start_what_he_may()
    {
        Command ran = Command.RunUnprivileged(UnprivilegedProgram.In(daemon.Directory, "xenballoon"), ["run", "--need", "64m", "--", "echo", "started"], daemon.Environment);

        Assert.That((ran.Status, ran.Output), Is.EqualTo((0, "started\n")));
        Assert.That(ran.Error, Does.StartWith("xenballoon: no memory is set aside: Reserve requires root"));
    }

    [Test]
    public void Of_two_at_once_on_a_host_with_room_for_one_the_second_waits_for_the_end_of_the_first()
    {
        const string MoreThanHalf = "1500m"; // of what the host's guests can do without
        using var roomy = new SimulatedDaemon("quiet");
        string mark = Marks;
        using RunningCommand first = Begin(roomy, "--need", MoreThanHalf, "--", "sh", "-c", $"echo first; until [ -e {mark} ]; do sleep 0.05; done");
        first.WaitFor("first");
        using RunningCommand second = Begin(roomy, "--need", MoreThanHalf, "--", "sh", "-c", "echo second");
        second.WaitFor(": gathering, ");
        Assert.That(second.Output, Does.Not.Contain("second"));

        File.Create(mark).Dispose();

        Assert.That((first.Status(), second.Status()), Is.EqualTo((0, 0)), second.Output);
        Assert.That(second.Output, Does.EndWith("second\n"));
    }

    [Test]
    public void Ctrl_C_while_it_waits_ends_it_and_the_command_is_not_run()
    {
        using RunningCommand waiting = Begin("--need", "6g", "--", "touch", Marks);
        waiting.WaitFor(": gathering, ");

        waiting.Interrupt();

        Assert.That((waiting.Status(), File.Exists(Marks)), Is.EqualTo((130, false)));
        Eventually.Holds(() => daemon.Open().Length == 0, () => "the reservation stays");
    }

    [Test]
    public void A_signal_is_handed_on_and_the_commands_own_end_counts()
    {
        using RunningCommand running = Begin("--need", "64m", "--", "sh", "-c", "trap 'echo caught; exit 9' TERM; echo begun; while :; do sleep 0.05; done");
        running.WaitFor("begun");

        running.Terminate();

        Assert.That(running.Status(), Is.EqualTo(9));
        Assert.That(running.Output, Does.Contain("caught"));
    }

    [Test]
    public void A_command_that_a_signal_ends_is_told_of_as_shells_do() =>
        Assert.That(Run("--need", "64m", "--", "sh", "-c", "kill -9 $$").Status, Is.EqualTo(137));

    [Test]
    public void What_cannot_be_run_is_not_waited_for()
    {
        Command ran = Run("--need", "6g", "--", "/etc/passwd");

        Assert.That((ran.Status, ran.Error), Is.EqualTo((126, "xenballoon: '/etc/passwd' is not executable\n")));
    }

    [Test]
    public void A_domain_that_is_there_already_is_none_to_press_others_for()
    {
        Command ran = Run("--need", "6g", "--for", "web1", "--", "echo", "started");

        Assert.That((ran.Status, ran.Output, ran.Error), Is.EqualTo((0, "started\n", "xenballoon: no memory is set aside: domain 'web1' exists already\n")));
    }

    [Test]
    public void The_command_has_what_it_would_have_without()
    {
        // Of a program that nobody reads, the signal that ends it is no other; and closed descriptors are borne.
        Assert.That(Shell("{ xenballoon run --need 4m -- yes; echo $? >&2; } | head -n 1").Error, Is.EqualTo("141\n"));
        Assert.That(Shell("xenballoon run --need 4m -- sh -c 'exit 9' >&- <&-").Status, Is.EqualTo(9));
    }

    [TestCase("run", "--nonsense", "--", "true")]
    [TestCase("need", "-H", "x", "--", "xl", "create", "f")]
    public void What_looks_like_an_option_is_no_command(params string[] arguments)
    {
        Command refused = daemon.XenBalloon(arguments);

        Assert.That(refused.Status, Is.EqualTo(2));
        Assert.That(refused.Error, Does.StartWith($"xenballoon: '{arguments[0]}' has no option '{arguments[1]}'"));
    }

    [TestCase("run", "--for", "", "--need", "4m", "--", "true")]
    [TestCase("reserve", "4m", "--for", "")]
    [TestCase("release", "--for", " ")]
    public void An_empty_name_is_no_domains(params string[] arguments)
    {
        Command refused = daemon.XenBalloon(arguments);

        Assert.That(refused.Status, Is.EqualTo(2));
        Assert.That(refused.Error, Does.StartWith("xenballoon: invalid --for '': expected the name or UUID of a domain"));
    }

    [Test]
    public void A_program_that_is_not_there_is_named_and_nothing_stays_reserved()
    {
        Command ran = Run("--need", "64m", "--", "no-such-program");

        Assert.That((ran.Status, ran.Error), Is.EqualTo((127, "xenballoon: there is no program 'no-such-program': check its name, and PATH\n")));
        Eventually.Holds(() => daemon.Open().Length == 0, () => "the reservation stays");
    }

    [Test]
    public void What_it_cannot_know_the_need_of_has_to_be_told()
    {
        Command ran = Run("--", "virsh", "start", "web");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((2, "")));
        Assert.That(ran.Error, Is.EqualTo("xenballoon: unknown how much memory 'virsh' takes: give --need SIZE, and --for with the domain that it starts\n"));
    }

    private Command Shell(string script) => Command.Run("bash", ["--norc", "-c", script], new Dictionary<string, string?>(daemon.Environment)
    {
        ["PATH"] = $"{TestContext.CurrentContext.TestDirectory}:/usr/bin:/bin",
    });

    private Command Run(params string[] arguments) => daemon.XenBalloon(["run", .. arguments]);

    private RunningCommand Begin(params string[] arguments) => Begin(daemon, arguments);

    private static RunningCommand Begin(SimulatedDaemon daemon, params string[] arguments) => new(SimulatedDaemon.Program, daemon.Environment, ["run", .. arguments]);
}
