using System.Diagnostics;
using XenBalloon.Core;
using XenBalloon.Core.Memory;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class TopTests : CommandTests
{
    private const string EnterScreen = "\u001b[?1049h";
    private const string LeaveScreen = "\u001b[?1049l";
    private const string ShowCursor = "\u001b[?25h";

    [Test]
    public void Into_a_pipe_it_writes_a_table_for_each_update()
    {
        Command top = XenBalloon("top", "-d", "0.1", "-i", "3");

        Assert.That((top.Status, top.Error), Is.EqualTo((0, "")));
        Assert.That(top.Output.Split('\n').Count(line => line.StartsWith("web ", StringComparison.Ordinal)), Is.EqualTo(3));
        Assert.That(top.Output, Does.Match(@"\A\d\d:\d\d:\d\d Xen 4\.17: 4096 MiB, 700 MiB free, mode active, pressure demand, alarm none\n"));
        Assert.That(top.Output, Does.Match(@"\A[\n -~]*\z"), "plain text only");
    }

    [Test]
    public void It_ends_by_itself_and_sums_up_what_has_moved()
    {
        Task<Command> top = Task.Run(() => XenBalloon("top", "--seconds", "4", "-d", "1"));
        var started = Stopwatch.StartNew();
        for (int step = 1; !top.IsCompleted; step++)
        {
            // Back and forth by 100 MiB; the last reason is the one that stays.
            Server.Publish(Canned.Publish(Canned.Dom0, At(Canned.Web, 800 - (step % 2 * 100)), At(Canned.Db, 512 + (step % 2 * 100))));
            Thread.Sleep(300);
        }

        string[] summary = [.. top.Result.Output.Split('\n').SkipWhile(line => !line.StartsWith("memory moved: ", StringComparison.Ordinal))];
        Assert.That(started.Elapsed, Is.GreaterThan(TimeSpan.FromSeconds(3)));
        Assert.That(summary[0], Does.Match(@"^memory moved: [1-9]\d* MiB$"));
        Assert.That(summary[1], Is.EqualTo("Name      ID    Lowest   Highest  Targets  Last reason"));
        Assert.That(summary[3], Does.Match(@"^web        3   700 MiB   800 MiB +[1-9]\d*  in use .* to 750 MiB: .*$"));
        Assert.That(summary[4], Does.Match(@"^db         7   512 MiB   612 MiB +[1-9]\d*  in use .* to 562 MiB: .*$"));
    }

    [TestCase(100, 30)]
    [TestCase(40, 8)]
    [TestCase(10, 3)]
    public void On_a_terminal_it_leaves_the_screen_as_it_was(int columns, int rows)
    {
        Command top = OnTerminal(columns, rows, "top --seconds 1");

        Assert.That(top.Status, Is.Zero, top.Output);
        AssertScreenIsLeft(top.Output);
        Assert.That(top.Output[top.Output.IndexOf(LeaveScreen, StringComparison.Ordinal)..], Does.Contain("memory mov"));
    }

    [TestCase("q")]
    [TestCase("xyzQ")]
    [TestCase(@"\003", Description = "Ctrl-C")]
    public void A_key_leaves(string typed)
    {
        Command top = OnTerminal(100, 30, "top", typed);

        Assert.That(top.Status, Is.Zero);
        AssertScreenIsLeft(top.Output);
        Assert.That(top.Output, Does.Contain("memory moved: 0 KiB"), "it says what it saw");
    }

    [TestCase("TERM")]
    [TestCase("HUP")]
    public void A_signal_leaves(string signal)
    {
        Command top = OnTerminal(100, 30, $"top & p=$!; sleep 2; kill -{signal} $p; wait $p");

        Assert.That(top.Status, Is.Zero);
        AssertScreenIsLeft(top.Output);
    }

    [Test]
    public void Without_keys_it_still_shows_a_live_view()
    {
        Command top = OnTerminal(100, 30, "top --seconds 1 < /dev/null");

        Assert.That(top.Status, Is.Zero);
        AssertScreenIsLeft(top.Output);
    }

    [TestCase("dumb")]
    [TestCase("")]
    public void A_terminal_that_cannot_move_its_cursor_gets_tables(string term)
    {
        Command top = OnTerminal(100, 30, "top -d 0.1 -i 2", term: term);

        Assert.That(top.Output, Does.Not.Contain(EnterScreen));
        Assert.That(top.Output, Does.Contain("web"));
    }

    [Test]
    public void A_daemon_that_goes_ends_it_with_the_screen_left()
    {
        using var monitor = new BusMonitor(Bus, "type='method_return'");
        Task<Command> top = Task.Run(() => OnTerminal(100, 30, "top"));
        Eventually.Holds(
            () => monitor.Messages.Any(message => message.GetRawText().Contains("org.xenballoon.Balloon1.Domain", StringComparison.Ordinal)), () => "top reads nothing");
        Server.Dispose();

        AssertScreenIsLeft(top.Result.Output);
        Assert.That(top.Result.Status, Is.EqualTo(3));
        Assert.That(top.Result.Output, Does.Contain("xenballoond does not run"));
    }

    [Test]
    public void A_reader_that_has_seen_enough_ends_it()
    {
        Command top = Command.Run("sh", ["-c", $"'{Program}' top -b -d 0.1 | head -n 1"], BusEnvironment);

        Assert.That(top.Output, Does.Contain("mode active"));
    }

    private static DomainDecision At(DomainDecision decision, long actual) =>
        decision with { Domain = decision.Domain with { Actual = KiB.FromMiB(actual) }, Target = KiB.FromMiB(actual) };

    private static void AssertScreenIsLeft(string output)
    {
        Assert.That(output, Does.Contain(EnterScreen));
        Assert.That(output.LastIndexOf(LeaveScreen, StringComparison.Ordinal), Is.GreaterThan(output.LastIndexOf(EnterScreen, StringComparison.Ordinal)));
        Assert.That(output, Does.Contain(ShowCursor));
        Assert.That(output, Does.Not.Contain("   at XenBalloon"), "no stack trace");
    }
}
