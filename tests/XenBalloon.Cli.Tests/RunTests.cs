using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>
/// <c>xenballoon run</c> with the daemon itself, on a simulated host, where no command can start a domain.
/// </summary>
internal sealed class RunTests
{
    private SimulatedDaemon daemon = null!;

    private string Marks => Path.Combine(daemon.Directory, "marks");

    [SetUp]
    public void Start() => daemon = new SimulatedDaemon();

    [TearDown]
    public void Stop() => daemon.Dispose();

    [Test]
    public void Memory_is_reserved_while_the_command_runs_and_released_then()
    {
        string script = $"{SimulatedDaemon.Program} reservations; exit 7";

        Command ran = Run("--need", "64m", "--for", "newcomer", "--", "sh", "-c", script);

        Assert.That(ran.Status, Is.EqualTo(7));
        Assert.That(ran.Error, Does.Match(SimulatedDaemon.OnlyProgress));
        Assert.That(ran.Output, Does.Match(@"(?m)^ *\d+  ready +64 MiB .* newcomer "));
        Eventually.Holds(() => daemon.OpenReservations().Length == 0, () => "the reservation stays");
    }

    [Test]
    public void Command_is_not_run_if_its_memory_does_not_become_free_in_time()
    {
        Command ran = Run("--need", "6g", "--timeout", "1", "--", "touch", Marks);

        Assert.That((ran.Status, File.Exists(Marks)), Is.EqualTo((125, false)));
        const string Reason = "not enough memory: free memory and all that domains can give are less than 6144 MiB";
        const string Ended = @"xenballoon: the command is not run: reservation \d+ has ended \(expired\)";
        Assert.That(ran.Error, Does.Match($@"(?m)^reservation \d+: gathering, {Reason}"));
        Assert.That(ran.Error, Does.Match($"(?m)^{Ended}: {Reason}"));
        Assert.That(daemon.OpenReservations(), Is.Empty);
    }

    [Test]
    public void More_memory_than_the_host_has_is_refused_at_once()
    {
        Command ran = Run("--need", "100g", "--", "touch", Marks);

        Assert.That((ran.Status, File.Exists(Marks)), Is.EqualTo((125, false)));
        Assert.That(
            ran.Error, Does.StartWith("xenballoon: the command is not run: cannot reserve 100 GiB: this host has"));
    }

    [Test]
    public void Command_runs_without_a_daemon()
    {
        daemon.Kill();

        Command ran = Run("--need", "64m", "--", "echo", "started");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((0, "started\n")));
        Assert.That(ran.Error, Does.Match(@"\Axenballoon: no memory is set aside: xenballoond does not run[^\n]*\n\z"));
    }

    [Test]
    public void Observing_daemon_reserves_free_memory_and_does_not_block_the_command()
    {
        using var roomy = new SimulatedDaemon("quiet");
        roomy.XenBalloon("mode", "observe");

        Assert.That(roomy.XenBalloon("run", "--need", "64m", "--", "true").Error, Is.Empty);
        Command ran = roomy.XenBalloon("run", "--need", "6g", "--", "echo", "started");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((0, "started\n")));
        Assert.That(
            ran.Error,
            Does.Contain("no memory is set aside: ").And.Contain("frees memory only in mode active"));
    }

    [Test]
    public void Unprivileged_user_runs_the_command_without_a_reservation()
    {
        string program = UnprivilegedProgram.In(daemon.Directory, "xenballoon");
        string[] arguments = ["run", "--need", "64m", "--", "echo", "started"];

        Command ran = Command.RunUnprivileged(program, arguments, daemon.Environment);

        Assert.That((ran.Status, ran.Output), Is.EqualTo((0, "started\n")));
        Assert.That(ran.Error, Does.StartWith("xenballoon: no memory is set aside: Reserve requires root"));
    }

    [Test]
    public void Second_command_waits_for_the_memory_of_the_first()
    {
        const string MoreThanHalf = "1500m"; // of what the guests can give up
        using var roomy = new SimulatedDaemon("quiet");
        string mark = Marks;
        string script = $"echo first; until [ -e {mark} ]; do sleep 0.05; done";
        using RunningCommand first = Begin(roomy, "--need", MoreThanHalf, "--", "sh", "-c", script);
        first.WaitFor("first");
        using RunningCommand second = Begin(roomy, "--need", MoreThanHalf, "--", "sh", "-c", "echo second");
        second.WaitFor(": gathering, ");
        Assert.That(second.Output, Does.Not.Contain("second"));

        File.Create(mark).Dispose();

        Assert.That((first.Status(), second.Status()), Is.EqualTo((0, 0)), second.Output);
        Assert.That(second.Output, Does.EndWith("second\n"));
    }

    [Test]
    public void Ctrl_C_while_waiting_does_not_run_the_command()
    {
        using RunningCommand waiting = Begin("--need", "6g", "--", "touch", Marks);
        waiting.WaitFor(": gathering, ");

        waiting.Interrupt();

        Assert.That((waiting.Status(), File.Exists(Marks)), Is.EqualTo((130, false)));
        Eventually.Holds(() => daemon.OpenReservations().Length == 0, () => "the reservation stays");
    }

    [Test]
    public void Signal_is_forwarded_and_the_exit_status_is_the_commands()
    {
        const string Script = "trap 'echo caught; exit 9' TERM; echo begun; while :; do sleep 0.05; done";
        using RunningCommand running = Begin("--need", "64m", "--", "sh", "-c", Script);
        running.WaitFor("begun");

        running.Terminate();

        Assert.That(running.Status(), Is.EqualTo(9));
        Assert.That(running.Output, Does.Contain("caught"));
    }

    [Test]
    public void Command_killed_by_a_signal_has_the_exit_status_of_shells() =>
        Assert.That(Run("--need", "64m", "--", "sh", "-c", "kill -9 $$").Status, Is.EqualTo(137));

    [Test]
    public void Command_that_cannot_be_run_fails_at_once()
    {
        Command ran = Run("--need", "6g", "--", "/etc/passwd");

        Assert.That((ran.Status, ran.Error), Is.EqualTo((126, "xenballoon: '/etc/passwd' is not executable\n")));
    }

    [Test]
    public void No_memory_is_reserved_for_a_domain_that_exists_already()
    {
        Command ran = Run("--need", "6g", "--for", "web1", "--", "echo", "started");

        const string Warning = "xenballoon: no memory is set aside: domain 'web1' exists already\n";
        Assert.That(ran, Is.EqualTo(new Command(0, "started\n", Warning)));
    }

    [Test]
    public void Command_has_default_sigpipe_and_survives_closed_descriptors()
    {
        // 141 is SIGPIPE; without the default action, yes would report an error and exit with 1.
        Assert.That(Shell("{ xenballoon run --need 4m -- yes; echo $? >&2; } | head -n 1").Error, Is.EqualTo("141\n"));
        Assert.That(Shell("xenballoon run --need 4m -- sh -c 'exit 9' >&- <&-").Status, Is.EqualTo(9));
    }

    [TestCase("run", "--nonsense", "--", "true")]
    [TestCase("need", "-H", "x", "--", "xl", "create", "f")]
    public void Unknown_option_is_not_taken_for_the_command(params string[] arguments)
    {
        Command refused = daemon.XenBalloon(arguments);

        Assert.That(refused.Status, Is.EqualTo(2));
        Assert.That(refused.Error, Does.StartWith($"xenballoon: unknown option '{arguments[1]}': write '--' before"));
    }

    [TestCase("run", "--for", "", "--need", "4m", "--", "true")]
    [TestCase("reserve", "4m", "--for", "")]
    [TestCase("release", "--for", " ")]
    public void Empty_for_is_refused(params string[] arguments)
    {
        Command refused = daemon.XenBalloon(arguments);

        Assert.That(refused.Status, Is.EqualTo(2));
        Assert.That(
            refused.Error,
            Does.StartWith("xenballoon: invalid --for '': expected the name or UUID of a domain"));
    }

    [Test]
    public void Missing_program_is_named_and_nothing_stays_reserved()
    {
        Command ran = Run("--need", "64m", "--", "no-such-program");

        const string Error = "xenballoon: program 'no-such-program' not found: check its name and PATH\n";
        Assert.That((ran.Status, ran.Error), Is.EqualTo((127, Error)));
        Eventually.Holds(() => daemon.OpenReservations().Length == 0, () => "the reservation stays");
    }

    [Test]
    public void Command_with_unknown_need_is_refused()
    {
        Command ran = Run("--", "virsh", "start", "web");

        Assert.That((ran.Status, ran.Output), Is.EqualTo((2, "")));
        Assert.That(ran.Error, Is.EqualTo(
            "xenballoon: cannot determine the memory that 'virsh' needs: "
                + "give --need SIZE, and --for NAME for the domain that it starts\n"));
    }

    private Command Shell(string script)
    {
        var environment = new Dictionary<string, string?>(daemon.Environment)
        {
            ["PATH"] = $"{TestContext.CurrentContext.TestDirectory}:/usr/bin:/bin",
        };
        return Command.Run("bash", ["--norc", "-c", script], environment);
    }

    private Command Run(params string[] arguments) => daemon.XenBalloon(["run", .. arguments]);

    private RunningCommand Begin(params string[] arguments) => Begin(daemon, arguments);

    private static RunningCommand Begin(SimulatedDaemon daemon, params string[] arguments) =>
        new(SimulatedDaemon.Program, daemon.Environment, ["run", .. arguments]);
}
