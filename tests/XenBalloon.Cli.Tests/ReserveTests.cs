using System.Globalization;
using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary><c>xenballoon reserve</c> and <c>release</c>, with the daemon itself on a simulated host.</summary>
internal sealed class ReserveTests
{
    private SimulatedDaemon daemon = null!;

    [SetUp]
    public void Start() => daemon = new SimulatedDaemon();

    [TearDown]
    public void Stop() => daemon.Dispose();

    [Test]
    public void Reservation_is_held_until_Ctrl_C()
    {
        using RunningCommand reserve = Reserve("64m", "--for", "it's \"new\"");
        reserve.WaitFor(": ready, 64 MiB of 64 MiB held; start it's \"new\" now; Ctrl-C releases it\n");
        Assert.That(XenBalloon("status").Output, Does.Contain("reserved     64 MiB in 1 reservation\n"));
        Assert.That(XenBalloon("reservations").Output, Does.Contain("it's \"new\""));

        reserve.Interrupt();

        Assert.That(reserve.Status(), Is.Zero, reserve.Output);
        Assert.That(reserve.Output, Does.Match(
            @"(?m)^reservation \d+ is released: its memory is free for all domains again\n\z"));
        Assert.That(Open(), Is.Empty);
    }

    [Test]
    public void Ctrl_C_releases_a_reservation_that_is_not_ready()
    {
        using RunningCommand reserve = Reserve("5g");
        reserve.WaitFor(": gathering, ");

        reserve.Interrupt();

        Assert.That(reserve.Status(), Is.EqualTo(130), reserve.Output);
        Assert.That(Open(), Is.Empty);
    }

    [Test]
    public void Passed_deadline_fails_with_the_reason()
    {
        Command failed = XenBalloon("reserve", "6g", "--deadline", "1");

        Assert.That((failed.Status, failed.Output), Is.EqualTo((6, "")));
        Assert.That(failed.Error, Does.Match(@"(?m)^xenballoon: reservation \d+ has ended \(expired\): [^\n]+\n\z"));
    }

    [Test]
    public void Reserve_warns_that_the_mode_frees_no_memory()
    {
        XenBalloon("mode", "observe");

        Command failed = XenBalloon("reserve", "6g", "--deadline", "1");

        const string Warning =
            "xenballoon: mode is observe: no memory is freed for the reservation; run 'xenballoon mode active'\n";
        Assert.That(failed.Error, Does.StartWith(Warning).And.Not.Contain("ready in"));
    }

    [Test]
    public void Persistent_reservation_remains_until_it_is_released()
    {
        JsonElement made = JsonElement.Parse(XenBalloon("reserve", "64m", "--persistent", "--json").Output);
        string id = made.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
        Assert.That(made.GetProperty("state").GetString(), Is.EqualTo("ready"));
        Assert.That(made.GetProperty("held_kib").GetInt64(), Is.EqualTo(65536));
        Assert.That(Open(), Is.EqualTo(new[] { id }));

        string released = $"reservation {id} is released: its memory is free for all domains again\n";
        Assert.That(XenBalloon("release", id), Is.EqualTo(new Command(0, released, "")));

        Assert.That(Open(), Is.Empty);
        Assert.That(XenBalloon("release", id).Status, Is.EqualTo(1));
    }

    [Test]
    public void Persistent_reservation_says_how_to_release_it() =>
        Assert.That(XenBalloon("reserve", "64m", "--persistent").Output, Does.Match(
            @"\Areservation (\d+): ready, 64 MiB of 64 MiB held; start the domain now; "
                + @"'xenballoon release \1' releases it\n\z"));

    [Test]
    public void Unclaimed_reservation_is_shown_with_its_times_and_ends_at_its_expiry()
    {
        XenBalloon("reserve", "64m", "--persistent", "--expire", "2s");
        XenBalloon("reserve", "32m", "--persistent", "--expire", "1.5d");

        Assert.That(XenBalloon("reservations").Output, Does.Match(
            @"(?m) ready .* 32 MiB of 32 MiB held; unclaimed for \d+ s; ends in 35 h$"));
        Eventually.Holds(() => Open().Length == 1, () => XenBalloon("reservations").Output);
    }

    [Test]
    public void Reservation_released_by_another_client_ends_with_the_reason()
    {
        using RunningCommand reserve = Reserve("64m");
        reserve.WaitFor(": ready, ");

        XenBalloon("release", Open().Single());

        Assert.That(reserve.Status(), Is.EqualTo(1));
        Assert.That(reserve.Output, Does.Contain("has ended (cancelled)"));
    }

    [Test]
    public void Pin_is_shown_until_the_domain_is_unpinned()
    {
        Command pinned = XenBalloon("pin", "1", "1g");

        Assert.That(pinned.Output, Does.Contain("pinned to 1024 MiB").And.Contain("pin: set, kept for its name"));
        Assert.That(XenBalloon("list").Output, Does.Match(@"(?m)^\S+ +1 +\d+ +\d+\* "));
        Assert.That(XenBalloon("unpin", "1").Output, Does.Not.Contain("pin"));
    }

    [Test]
    public void One_end_of_a_range_is_reset_and_the_other_is_kept()
    {
        XenBalloon("set", "1", "--min", "512m", "--max", "1g");

        Command reset = XenBalloon("set", "1", "--min", "default");

        Assert.That(reset.Output, Does.Contain("to 1024 MiB").And.Contain("(max: set, kept for its name)"));
    }

    [Test]
    public void Unprivileged_user_cannot_reserve()
    {
        string program = UnprivilegedProgram.In(daemon.Directory, "xenballoon");

        Command refused = Command.RunUnprivileged(program, ["reserve", "64m"], daemon.Environment);

        const string Error = "xenballoon: Reserve requires root, but the caller is uid 65534: use sudo";
        Assert.That(refused.Status, Is.EqualTo(1));
        Assert.That(refused.Error, Does.StartWith(Error));
    }

    private Command XenBalloon(params string[] arguments) => daemon.XenBalloon(arguments);

    private RunningCommand Reserve(params string[] arguments) =>
        new(SimulatedDaemon.Program, daemon.Environment, ["reserve", .. arguments]);

    private string[] Open() => daemon.OpenReservations();
}
