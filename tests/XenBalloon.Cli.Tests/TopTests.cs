using System.Diagnostics;
using System.Text.RegularExpressions;
using XenBalloon.Cli.Top;
using XenBalloon.Core;
using XenBalloon.Core.Memory;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed partial class TopTests : CommandTests
{
    private const string EnterScreen = "\u001b[?1049h";
    private const string LeaveScreen = "\u001b[?1049l";
    private const string ShowCursor = "\u001b[?25h";

    [Test]
    public void Pipe_gets_a_table_for_each_update()
    {
        Command top = XenBalloon("top", "-d", "0.1", "-i", "3");

        Assert.That((top.Status, top.Error), Is.EqualTo((0, "")));
        const string Head =
            @"\A\d\d:\d\d:\d\d Xen 4\.17: 4096 MiB, 700 MiB free, mode active, pressure demand, alarm none\n";
        string[] lines = top.Output.Split('\n');
        Assert.That(lines.Count(line => line.StartsWith("web ", StringComparison.Ordinal)), Is.EqualTo(3));
        Assert.That(top.Output, Does.Match(Head));
        Assert.That(top.Output, Does.Match(@"\A[\n -~]*\z"), "plain text only");
    }

    [Test]
    public void Time_limit_ends_it_with_a_summary()
    {
        Task<Command> top = Task.Run(() => XenBalloon("top", "--seconds", "4", "-d", "1"));
        var started = Stopwatch.StartNew();
        for (int step = 1; !top.IsCompleted; step++)
        {
            // 100 MiB go from web to db, and back.
            int moved = step % 2 * 100;
            Server.Publish(Canned.Publish(Canned.Dom0, At(Canned.Web, 800 - moved), At(Canned.Db, 512 + moved)));
            Thread.Sleep(300);
        }

        string output = top.Result.Output;
        string[] summary = output[output.IndexOf("memory moved: ", StringComparison.Ordinal)..].Split('\n');
        Assert.That(started.Elapsed, Is.GreaterThan(TimeSpan.FromSeconds(3)));
        Assert.That(summary[0], Does.Match(@"^memory moved: [1-9]\d* MiB$"));
        Assert.That(summary[1], Is.EqualTo("Name      ID    Lowest   Highest  Targets  Last reason"));
        Assert.That(
            summary[3],
            Does.Match(@"^web        3   700 MiB   800 MiB +[1-9]\d*  shrinking 800 MiB to [78]00 MiB: .*$"));
        Assert.That(
            summary[4],
            Does.Match(@"^db         7   512 MiB   612 MiB +[1-9]\d*  growing 512 MiB to (512|612) MiB: .*$"));
    }

    [TestCase(100, 30)]
    [TestCase(40, 8)]
    [TestCase(10, 3)]
    public void Terminal_is_restored_at_the_end(int columns, int rows)
    {
        Command top = OnTerminal(columns, rows, "top --seconds 1");

        Assert.That(top.Status, Is.Zero, top.Output);
        AssertScreenIsLeft(top.Output);
        string after = top.Output[top.Output.IndexOf(LeaveScreen, StringComparison.Ordinal)..];
        Assert.That(after, Does.Contain("memory mov"));
    }

    [TestCase("q")]
    [TestCase("xyzQ")]
    [TestCase(@"\003", Description = "Ctrl-C")]
    public void Q_or_ctrl_c_quits(string typed)
    {
        Command top = OnTerminal(100, 30, "top", typed);

        Assert.That(top.Status, Is.Zero);
        AssertScreenIsLeft(top.Output);
        Assert.That(top.Output, Does.Contain("memory moved: 0 KiB"), "a summary");
    }

    [TestCase("hq")]
    [TestCase("?q")]
    public void H_shows_help(string typed)
    {
        // Keys are read one at a time, so that the help is drawn before q.
        Command top = OnTerminal(100, 30, "top", typed[..1] + "'; sleep 1; printf '" + typed[1..]);

        Assert.That(top.Status, Is.Zero);
        AssertScreenIsLeft(top.Output);
        Assert.That(top.Output, Does.Contain("held, but idle").And.Contain("back"));
    }

    [Test]
    public void Footer_shows_the_keys()
    {
        Command top = OnTerminal(100, 30, "top --seconds 1");

        Assert.That(Plain(top.Output), Does.Contain("q quit  h help"));
    }

    [TestCase("TERM")]
    [TestCase("HUP")]
    public void Signal_quits(string signal)
    {
        Command top = OnTerminal(100, 30, $"top & p=$!; sleep 2; kill -{signal} $p; wait $p");

        Assert.That(top.Status, Is.Zero);
        AssertScreenIsLeft(top.Output);
    }

    [Test]
    public void Live_view_works_without_keys()
    {
        Command top = OnTerminal(100, 30, "top --seconds 1 < /dev/null");

        Assert.That(top.Status, Is.Zero);
        AssertScreenIsLeft(top.Output);
    }

    [TestCase("dumb")]
    [TestCase("")]
    public void Terminal_without_cursor_movements_gets_tables(string term)
    {
        Command top = OnTerminal(100, 30, "top -d 0.1 -i 2", term: term);

        Assert.That(top.Output, Does.Not.Contain(EnterScreen));
        Assert.That(top.Output, Does.Contain("web"));
    }

    [Test]
    public void Screen_is_restored_when_the_daemon_exits()
    {
        using var monitor = new BusMonitor(Bus, "type='method_return'");
        Task<Command> top = Task.Run(() => OnTerminal(100, 30, "top"));
        const string Domain = "org.xenballoon.Balloon1.Domain";
        Eventually.Holds(
            () => monitor.Messages.Any(message => message.GetRawText().Contains(Domain, StringComparison.Ordinal)),
            () => "top reads nothing");
        Server.Dispose();

        AssertScreenIsLeft(top.Result.Output);
        Assert.That(top.Result.Status, Is.EqualTo(3));
        Assert.That(top.Result.Output, Does.Contain("xenballoond does not run"));
    }

    [Test]
    public void Closed_pipe_ends_it()
    {
        Command top = Command.Run("sh", ["-c", $"'{Program}' top -b -d 0.1 | head -n 1"], BusEnvironment);

        Assert.That(top.Output, Does.Contain("mode active"));
    }

    private static string Plain(string output) => Escape().Replace(output, "");

    [GeneratedRegex(@"\x1b\[[?0-9;]*[a-zA-Z]")]
    private static partial Regex Escape();

    private static DomainDecision At(DomainDecision decision, long actual) =>
        decision with { Domain = decision.Domain with { Actual = KiB.FromMiB(actual) }, Target = KiB.FromMiB(actual) };

    private static void AssertScreenIsLeft(string output)
    {
        Assert.That(output, Does.Contain(EnterScreen));
        int entered = output.LastIndexOf(EnterScreen, StringComparison.Ordinal);
        Assert.That(output.LastIndexOf(LeaveScreen, StringComparison.Ordinal), Is.GreaterThan(entered));
        Assert.That(output, Does.Contain(ShowCursor));
        Assert.That(output, Does.Not.Contain("   at XenBalloon"), "no stack trace");
    }
}

internal sealed class LookBudgetTests
{
    [Test]
    public void Interval_is_a_hundred_times_the_cost_of_a_read()
    {
        var time = new SetTime();
        var interval = new ReadInterval(time);
        Assert.That(interval.HasPassed, "before the first read");

        interval.AddRead(TimeSpan.FromMilliseconds(8));

        time.Pass(TimeSpan.FromMilliseconds(799));
        Assert.That(interval.HasPassed, Is.False);
        time.Pass(TimeSpan.FromMilliseconds(2));
        Assert.That(interval.HasPassed);
    }

    private sealed class SetTime : TimeProvider
    {
        private long now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        internal void Pass(TimeSpan time) => now += time.Ticks;
    }
}
