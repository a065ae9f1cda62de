using System.Globalization;
using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The program against the daemon itself, on the simulated host.</summary>
internal sealed class ReserveTests
{
    private SimulatedDaemon daemon = null!;

    [SetUp]
    public void Start() => daemon = new SimulatedDaemon();

    [TearDown]
    public void Stop() => daemon.Dispose();

    [Test]
    public void Memory_is_held_until_Ctrl_C()
    {
        using RunningCommand reserve = Reserve("64m", "--for", "it's \"new\"");
        reserve.WaitFor(": ready, 64 MiB of 64 MiB");
        Assert.That(XenBalloon("status").Output, Does.Contain("reserved     64 MiB in 1 reservation\n"));
        Assert.That(XenBalloon("reservations").Output, Does.Contain("it's \"new\""));

        reserve.Interrupt();

        Assert.That(reserve.Status(), Is.Zero, reserve.Output);
        Assert.That(Open(), Is.Empty);
    }

    [Test]
    public void Ctrl_C_before_it_is_ready_releases_it_too()
    {
        using RunningCommand reserve = Reserve("5g");
        reserve.WaitFor(": gathering, ");

        reserve.Interrupt();

        Assert.That(reserve.Status(), Is.EqualTo(130), reserve.Output);
        Assert.That(Open(), Is.Empty);
    }

    [Test]
    public void A_deadline_that_passes_is_a_failure_that_says_so()
    {
        Command failed = XenBalloon("reserve", "6g", "--deadline", "1");

        Assert.That((failed.Status, failed.Output), Is.EqualTo((6, "")));
        Assert.That(failed.Error, Does.Match(@"(?m)^xenballoon: reservation \d+ has ended \(expired\): [^\n]+\n\z"));
    }

    [Test]
    public void That_nothing_is_freed_for_it_is_said()
    {
        XenBalloon("mode", "observe");

        Command failed = XenBalloon("reserve", "6g", "--deadline", "1");

        Assert.That(failed.Error, Does.StartWith("the mode is observe: no memory is freed for it (xenballoon mode active)\n").And.Not.Contain("ready in"));
    }

    [Test]
    public void A_persistent_one_stays_until_it_is_released()
    {
        JsonElement made = JsonDocument.Parse(XenBalloon("reserve", "64m", "--persistent", "--json").Output).RootElement;
        string id = made.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
        Assert.That((made.GetProperty("state").GetString(), made.GetProperty("held_kib").GetInt64()), Is.EqualTo(("ready", 65536)));
        Assert.That(Open(), Is.EqualTo(new[] { id }));

        Assert.That(XenBalloon("release", id), Is.EqualTo(new Command(0, $"reservation {id} is released\n", "")));

        Assert.That(Open(), Is.Empty);
        Assert.That(XenBalloon("release", id).Status, Is.EqualTo(1));
    }

    [Test]
    public void One_that_somebody_else_releases_ends_with_the_reason()
    {
        using RunningCommand reserve = Reserve("64m");
        reserve.WaitFor(": ready, ");

        XenBalloon("release", Open().Single());

        Assert.That(reserve.Status(), Is.EqualTo(1));
        Assert.That(reserve.Output, Does.Contain("has ended (cancelled)"));
    }

    [Test]
    public void A_pin_shows_and_goes()
    {
        Assert.That(XenBalloon("pin", "1", "1g").Output, Does.Contain("pinned to 1024 MiB").And.Contain("pin: set, kept"));
        Assert.That(XenBalloon("list").Output, Does.Match(@"(?m)^\S+ +1 +\d+ +\d+\* "));
        Assert.That(XenBalloon("unpin", "1").Output, Does.Not.Contain("pin"));
    }

    [Test]
    public void One_end_of_a_range_is_cleared_and_the_other_stays()
    {
        XenBalloon("set", "1", "--min", "512m", "--max", "1g");

        Assert.That(XenBalloon("set", "1", "--min", "default").Output, Does.Contain("to 1024 MiB").And.Contain("(max: set, kept)"));
    }

    [Test]
    public void Nobody_may_not_reserve()
    {
        Command refused = Command.RunUnprivileged(UnprivilegedProgram.In(daemon.Directory, "xenballoon"), ["reserve", "64m"], daemon.Environment);

        Assert.That(refused.Status, Is.EqualTo(1));
        Assert.That(refused.Error, Does.StartWith("xenballoon: Reserve requires root, but the caller is uid 65534: use sudo"));
    }

    private Command XenBalloon(params string[] arguments) => daemon.XenBalloon(arguments);

    private RunningCommand Reserve(params string[] arguments) => new(SimulatedDaemon.Program, daemon.Environment, ["reserve", .. arguments]);

    private string[] Open() => daemon.Open();
}
