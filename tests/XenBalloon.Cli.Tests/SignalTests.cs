using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class SignalTests : CommandTests
{
    [Test]
    public void Ctrl_C_while_the_daemon_takes_its_time_to_answer_ends_the_command_and_is_no_lost_bus()
    {
        using var answer = new ManualResetEventSlim();
        Control.Answer = () => Task.Run(() => answer.Wait());
        using RunningCommand reserve = new(Program, BusEnvironment, "reserve", "64m");
        Eventually.Holds(() => Control.Asked.Count == 1, () => reserve.Said);

        // More than one: the first may come a moment before the wait begins.
        for (int i = 0; i < 10; i++)
        {
            reserve.Interrupt();
            Eventually.Holds(() => !reserve.IsInterruptPending(), () => "it has taken no signal");
        }

        answer.Set();

        Assert.That(reserve.Status(), Is.EqualTo(130), reserve.Said);
        Assert.That(reserve.Said, Does.Not.Contain("no system bus"));
    }
}
